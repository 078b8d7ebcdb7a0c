#!/usr/bin/python3
import os

from grapnel import serve

# Slack reads <, > and & as markup.
MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def summary(push, most):
    """What is said of a push: pure, so that it can be read and tested by itself."""
    branch = push["ref"].removeprefix("refs/heads/")
    commits = push["commits"]
    head = f"*{push['pusher']['name']}* pushed {len(commits)} to <{push['compare']}|{push['repository']['full_name']}@{branch}>"
    lines = [f"• {commit['message'].splitlines()[0].translate(MARKUP)}" for commit in commits[:most]]
    if len(commits) > most:
        lines.append(f"• and {len(commits) - most} more")
    return "\n".join([head, *lines])


def handle(event, hub):
    push = event["body"]
    if push["deleted"] or not push["commits"]:
        hub.log("nothing to tell", ref=push["ref"])
        return
    hub.send("slack", "postMessage", {
        "channel": os.environ["CHANNEL"], "text": summary(push, int(os.environ["MOST"]))})
    hub.log("told Slack", ref=push["ref"], commits=len(push["commits"]))


serve(handle)
