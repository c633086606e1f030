import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.zeromq.ZMQ;

/** Foreign sockets on request: words in, words out, one line each. Frames travel as base64, an empty one as "-". */
public class JeromqPeer {
    private static final Map<String, Integer> TYPES = Map.of(
        "PUSH", ZMQ.PUSH, "PULL", ZMQ.PULL, "PUB", ZMQ.PUB, "SUB", ZMQ.SUB,
        "REQ", ZMQ.REQ, "REP", ZMQ.REP, "DEALER", ZMQ.DEALER, "ROUTER", ZMQ.ROUTER);

    private static final ZMQ.Context CONTEXT = ZMQ.context(1);
    private static final Map<String, ZMQ.Socket> SOCKETS = new HashMap<>();

    public static void main(String[] arguments) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String answer;
            try {
                answer = answer(line.split(" "));
            } catch (Exception error) {
                answer = "error " + error;
            }
            System.out.println(answer);
            System.out.flush();
        }
        System.exit(0);
    }

    private static String answer(String[] words) {
        switch (words[0]) {
            case "open":
                return open(words);
            case "send":
                return send(SOCKETS.get(words[1]), words);
            case "receive":
                return receive(SOCKETS.get(words[1]));
            default:
                SOCKETS.remove(words[1]).close();
                return "ok";
        }
    }

    /** open id type bind|connect endpoint routingId subscription */
    private static String open(String[] words) {
        ZMQ.Socket socket = CONTEXT.socket(TYPES.get(words[2]));
        socket.setLinger(0);
        socket.setReceiveTimeOut(10_000);
        if (!words[5].equals("-")) socket.setIdentity(words[5].getBytes());
        if (words[2].equals("SUB")) socket.subscribe(words[6].getBytes());
        SOCKETS.put(words[1], socket);
        if (words[3].equals("bind")) return "tcp://127.0.0.1:" + socket.bindToRandomPort("tcp://127.0.0.1");
        socket.connect(words[4]);
        return words[4];
    }

    private static String send(ZMQ.Socket socket, String[] words) {
        for (int at = 2; at < words.length; at++) {
            byte[] part = words[at].equals("-") ? new byte[0] : Base64.getDecoder().decode(words[at]);
            if (!socket.send(part, at < words.length - 1 ? ZMQ.SNDMORE : 0)) return "error not sent";
        }
        return "ok";
    }

    private static String receive(ZMQ.Socket socket) {
        StringBuilder answer = new StringBuilder("ok");
        do {
            byte[] part = socket.recv(0);
            if (part == null) return "error nothing received";
            answer.append(' ').append(part.length == 0 ? "-" : Base64.getEncoder().encodeToString(part));
        } while (socket.hasReceiveMore());
        return answer.toString();
    }
}
