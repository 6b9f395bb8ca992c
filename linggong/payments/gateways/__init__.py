"""The custodians' doors, one file each."""
