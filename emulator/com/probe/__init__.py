"""The behaviour suite: cases as data, their player, and the program that plays them to whatever request processor is there.

It needs the names of COM only, so it runs on a Windows machine with pywin32 and nothing else, and behind the pywin32 stand-in. Standard
library only, Python 3.8 or newer, imports within this package relative: `packing` makes one file of it that a Windows machine can run.

`cases` says what is asked, `player` plays it through a door, `steady` takes out what differs from run to run, `reading` what is compared,
`switches` which case shows which switch, `record` is the parity file, `replacing` how files are written, `ending` how the program is asked
to end.
"""
