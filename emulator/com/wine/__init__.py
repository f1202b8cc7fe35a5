"""The COM door for Windows programs: an in-process COM server (`source/`, built by `make wine-dll`) that forwards to the wire.

`prefix` makes a Wine prefix in which programs find it, `registry` what a native Windows needs to find it.
"""
