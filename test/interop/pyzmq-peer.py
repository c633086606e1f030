"""Foreign sockets on request: one JSON object a line in, one a line out. Frames travel as base64."""
import base64
import json
import sys

import zmq

context = zmq.Context()
sockets = {}


def open_socket(request):
    socket = context.socket(getattr(zmq, request["type"]))
    socket.linger = 0
    socket.rcvtimeo = socket.sndtimeo = 10_000
    if "routingId" in request:
        socket.setsockopt(zmq.ROUTING_ID, request["routingId"].encode())
    if request["type"] == "ROUTER":
        socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
    if "bind" in request:
        socket.bind(request["bind"])
    else:
        socket.connect(request["connect"])
    if request["type"] == "SUB":
        socket.setsockopt(zmq.SUBSCRIBE, request["subscribe"].encode())
    if request["type"] == "XSUB":
        socket.send(b"\x01" + request["subscribe"].encode())
    sockets[request["id"]] = socket
    return {"endpoint": socket.getsockopt_string(zmq.LAST_ENDPOINT)}


def answer(request):
    operation = request["operation"]
    if operation == "open":
        return open_socket(request)
    socket = sockets[request["id"]]
    if operation == "send":
        socket.send_multipart([base64.b64decode(part) for part in request["parts"]])
        return {}
    if operation == "receive":
        return {"parts": [base64.b64encode(part).decode() for part in socket.recv_multipart()]}
    sockets.pop(request["id"]).close()
    return {}


for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
context.destroy(linger=0)
