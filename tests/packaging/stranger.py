"""A program of somebody else, as type checkers see it; it is checked and not run."""

from __future__ import annotations

from pathlib import Path

import simsched

phases: list[simsched.Phase] = [{"cpu": "8ms"}, {"io": {"exponential": "60ms"}, "on": "db"}]
server = simsched.Server(model="cooperative", workers=2)
scenario = simsched.Scenario(
    name="shop",
    requests={"page": phases},
    workload={"open": {"rate": "60/s"}, "requests": 3000},
    resources={"db": {"capacity": 8}},
    servers={"loop": server, "sync": {"model": "serial", "workers": 4}},
)
result: simsched.Result = simsched.run(scenario.with_({"run.seed": 2}), seed=1)
order: tuple[int, ...] | None = result.servers["loop"].completion_order
best: str | None = simsched.best(scenario, {"servers.loop.workers": [1, 2]}).best
result.figure("tail").write_html("tail.html")
folder: Path = simsched.write(result)
fitted: simsched.FitResult = simsched.fit("access.log.gz", server=server, pools={"db": 8})
fitted.save("shop.yaml")
checked: simsched.CheckResult = simsched.check(fitted.scenario, "later.csv")
measured: simsched.Result = simsched.measure(scenario, using=["uvicorn"]).measured
