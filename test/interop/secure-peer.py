"""A libzmq PAIR under PLAIN or CURVE that echoes. Settings are the first argument, as JSON; what happens is written as JSON lines."""
import json
import os
import sys
import threading

import zmq
from zmq.utils.monitor import recv_monitor_message

settings = json.loads(sys.argv[1])
context = zmq.Context()


def tell(**what):
    # One write a line, for several threads tell.
    os.write(1, (json.dumps(what) + "\n").encode())


def leave_with_parent():
    sys.stdin.read()
    os._exit(0)


def answer_zap(handler, statuses):
    while True:
        version, request, *_ = handler.recv_multipart()
        status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        handler.send_multipart([version, request, status.encode(), b"", b"", b""])


def watch(monitor):
    while True:
        event = recv_monitor_message(monitor)
        if event["event"] == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
            tell(refused=event["value"])
        elif event["event"] in (zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL):
            tell(failed=event["value"])


def start(run, *arguments):
    threading.Thread(target=run, args=arguments, daemon=True).start()


start(leave_with_parent)
pair = context.socket(zmq.PAIR)
pair.linger = 0
pair.reconnect_ivl = 20
if settings.get("zap"):
    zap = context.socket(zmq.REP)
    zap.bind("inproc://zeromq.zap.01")
    start(answer_zap, zap, settings["zap"])
    pair.zap_domain = b"test"
start(watch, pair.get_monitor_socket())

if settings["mechanism"] == "PLAIN":
    if settings["side"] == "server":
        pair.plain_server = True
    else:
        pair.plain_username = settings["username"].encode()
        pair.plain_password = settings["password"].encode()
elif settings["mechanism"] == "CURVE":
    pair.curve_publickey = settings["publicKey"].encode()
    pair.curve_secretkey = settings["secretKey"].encode()
    if settings["side"] == "server":
        pair.curve_server = True
    else:
        pair.curve_serverkey = settings["serverKey"].encode()

if settings.get("endpoint"):
    pair.connect(settings["endpoint"])
else:
    pair.bind("tcp://127.0.0.1:*")
tell(endpoint=pair.last_endpoint.decode())
while True:
    pair.send_multipart(pair.recv_multipart())
