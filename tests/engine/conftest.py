"""Tests in the folders below find the modules beside this one."""
