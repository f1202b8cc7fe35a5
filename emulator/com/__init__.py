"""com: the doors to QuickBooks for programs in other processes.

`wire` puts the request processor on the loopback (HTTP), `standin/` is what such a program finds in place of pywin32, `exec` runs a
program with both. What the interface has, member by member, is one table: `interface`.
"""
