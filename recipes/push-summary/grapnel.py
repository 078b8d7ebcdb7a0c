"""Grapnel handlers in Python: put this file beside your handler.

    from grapnel import Discard, serve

    def handle(event, hub):
        contact = hub.call("crm", "getContact", {"id": event["body"]["objectId"]})
        hub.send("slack", "postMessage", {"channel": "#sales", "text": contact["properties"]["email"]})

    serve(handle)

What `handle` returns is the run's result (a `Reply` answers the vendor); what it raises fails the attempt: `Discard` for
good, `RetryAfter` until later, everything else by the recipe's `retries`. Standard output belongs to the protocol, so
`print` writes to standard error, which is the run's log. The protocol is in docs/process-handlers.md.
"""

import base64
import json
import sys
import traceback


class CallError(Exception):
    """An operation did not succeed: `code`, `status`, `retryable`, `outcome` and `retry_after` (milliseconds)."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.code = error["code"]
        self.status = error.get("status")
        self.retryable = error["retryable"]
        self.outcome = error["outcome"]
        self.retry_after = error.get("retryAfter")


class Discard(Exception):
    """Ends the run for good: it is dead, and is not tried again."""


class RetryAfter(Exception):
    """Lets the run be tried again, not before `seconds` have passed."""

    def __init__(self, seconds, reason="the handler asked to wait"):
        super().__init__(reason)
        self.seconds = seconds


class Reply:
    """An HTTP message: what a handler answers a vendor, or what `hub.fetch` was answered. `body` is bytes."""

    def __init__(self, status=200, headers=(), body=b""):
        self.status = status
        self.headers = [list(pair) for pair in headers]
        self.body = body.encode() if isinstance(body, str) else body


class Hub:
    """What a handler may ask of the hub during its run. `run` has id, attempt, recipe, version and deadline."""

    def __init__(self, run, pipe):
        self.run = run
        self._pipe = pipe
        self._last = 0

    def call(self, connection, operation, input=None, key=None, timeout=None):
        """Performs an operation now and returns its answer; raises CallError. `timeout` is in seconds."""
        return self._ask(type="call", connection=connection, operation=operation, input=input or {}, key=key,
                         timeout=_milliseconds(timeout)).get("value")

    def send(self, connection, operation, input=None, key=None, delay=None):
        """Leaves an operation behind: committed with the run, performed afterwards. `delay` is in seconds."""
        self._say(type="send", connection=connection, operation=operation, input=input or {}, key=key,
                  delay=_milliseconds(delay))

    def emit(self, event, data, key=None, delay=None, at=None):
        """Makes a new event of source `recipe:<name>`, committed with the run; its runs wait for `delay` seconds,
        or until `at` (RFC 3339)."""
        self._say(type="emit", event=event, data=data, key=key, delay=_milliseconds(delay), at=at)

    def log(self, message, level="info", **fields):
        """Writes a line of the run's log; `level` is debug, info, warn or error."""
        self._say(type="log", level=level, message=str(message), fields=fields or None)

    def fetch(self, url, method="GET", headers=(), body=None):
        """Asks one of the recipe's `hosts:`; returns a Reply of any status, or raises CallError."""
        coded = base64.b64encode(body.encode() if isinstance(body, str) else body).decode() if body else None
        reply = self._ask(type="fetch", method=method, url=url, headers=[list(pair) for pair in headers],
                          base64=coded)["reply"]
        return Reply(reply["status"], reply["headers"], base64.b64decode(reply["base64"]))

    def get(self, key):
        """What the recipe's store holds under a key: {"value", "version"}; None when there is nothing."""
        return self._ask(type="kv", op="get", key=key).get("value")

    def set(self, key, value, ttl=None, if_version=None, now=False):
        """Writes a value, committed with the run unless `now`; `ttl` is in seconds, version 0 means absent."""
        self._ask(type="kv", op="set", key=key, value=value, ttl=_milliseconds(ttl), ifVersion=if_version, now=now)

    def delete(self, key, now=False):
        """Removes a key; whether it was there."""
        return self._ask(type="kv", op="delete", key=key, now=now)["value"]

    def list(self, prefix=""):
        """The keys that begin with a prefix: [{"key", "value", "version"}, …]."""
        return self._ask(type="kv", op="list", prefix=prefix)["value"]

    def increment(self, key, by=1, now=False):
        """Adds to a number, which is 0 when absent; the new number."""
        return self._ask(type="kv", op="increment", key=key, by=by, now=now)["value"]

    def _say(self, **message):
        self._pipe.write(json.dumps({name: value for name, value in message.items() if value is not None}) + "\n")
        self._pipe.flush()

    def _ask(self, **message):
        self._last += 1
        self._say(id=self._last, **message)
        answer = json.loads(sys.stdin.readline())
        if "error" in answer:
            raise CallError(answer["error"])
        return answer


def serve(handle):
    """Calls `handle(event, hub)` for each run, until the hub ends the program."""
    pipe, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        message = json.loads(line)
        hub = Hub(message["run"], pipe)
        try:
            value = handle(message["event"], hub)
            if isinstance(value, Reply):
                hub._say(type="reply", status=value.status, headers=value.headers,
                         base64=base64.b64encode(value.body).decode())
            else:
                hub._say(type="result", value=value)
        except Discard as error:
            hub._say(type="failed", kind="discard", message=str(error))
        except RetryAfter as error:
            hub._say(type="failed", kind="retry", message=str(error), delay=_milliseconds(error.seconds))
        except CallError as error:
            hub._say(type="failed", kind="call", name="CallError", message=str(error), stack=traceback.format_exc(),
                     retryable=error.retryable, outcome=error.outcome, retryAfter=error.retry_after)
        except Exception as error:
            hub._say(type="failed", kind="threw", name=type(error).__name__, message=str(error),
                     stack=traceback.format_exc())


def _milliseconds(seconds):
    return None if seconds is None else int(seconds * 1000)
