"""The version of MallVision, as its workers say it. A node has the code and no installed package to ask."""

VERSION = "0.1.0"
