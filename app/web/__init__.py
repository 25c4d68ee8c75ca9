"""The web page: strategies chosen and written, studies started, followed and read, one life, the model live.

Every number comes from the engine and the store that the commands use; each view shows the command that gives it again.
"""
