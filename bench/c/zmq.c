/* The ends of bench/ends/end.ts for libzmq without any binding: argv is ENDPOINT SIZE WARM_UP WINDOW PUBLIC SECRET END...
   with END as role:mode:sockets:topics. PUBLIC and SECRET are "-" without CURVE. Several ends share the process (inproc).
   Prints the opening line, then a sample each half-second of an end that receives, or the report of one that asks; without
   arguments the version of libzmq. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <zmq.h>

#define COLD_TRIPS 10000
#define MOST_TRIPS 2000000
#define INTERVAL 500 /* milliseconds between two samples */

typedef struct {
  char role[16], mode[16];
  int sockets, topics;
  void **open;
} end_t;

static const char *endpoint, *public_key, *secret_key;
static size_t size;
static double warm_up, window_ms;
static void *context;

static double now(void) { /* milliseconds */
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void check(int result, const char *what) {
  if (result >= 0) return;
  fprintf(stderr, "%s: %s\n", what, zmq_strerror(errno));
  exit(1);
}

static int type_of(const char *role) {
  if (!strcmp(role, "push")) return ZMQ_PUSH;
  if (!strcmp(role, "pull")) return ZMQ_PULL;
  if (!strcmp(role, "publish")) return ZMQ_PUB;
  if (!strcmp(role, "subscribe")) return ZMQ_SUB;
  if (!strcmp(role, "request")) return ZMQ_REQ;
  return ZMQ_REP;
}

static void topic_name(int index, char *name) { snprintf(name, 32, "topic.%05d.", index); }

static void secure(void *socket, int server) {
  int yes = 1;
  if (!strcmp(public_key, "-")) return;
  zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, 41);
  if (server) {
    zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &yes, sizeof yes);
    return;
  }
  zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key, 41);
  zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, public_key, 41);
}

static void open_end(end_t *end) {
  int binds = !strcmp(end->mode, "bind");
  end->open = calloc(end->sockets, sizeof(void *));
  for (int i = 0; i < end->sockets; i++) {
    void *socket = end->open[i] = zmq_socket(context, type_of(end->role));
    secure(socket, binds);
    if (!strcmp(end->role, "subscribe")) {
      for (int topic = 0; topic < end->topics; topic++) {
        char name[32];
        topic_name(topic, name);
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, name, strlen(name));
      }
    }
    if (binds) {
      static char real[256];
      size_t length = sizeof real;
      check(zmq_bind(socket, endpoint), "bind");
      zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, real, &length);
      endpoint = real;
    } else {
      check(zmq_connect(socket, endpoint), "connect");
    }
  }
}

static void send_all(end_t *end) {
  int publishes = !strcmp(end->role, "publish");
  char *body = malloc(size + 1), (*names)[32] = calloc(end->topics, 32);
  memset(body, 'x', size);
  for (int topic = 0; topic < end->topics; topic++) topic_name(topic, names[topic]);
  for (int socket = 0, topic = 0;; socket = (socket + 1) % end->sockets, topic = (topic + 1) % end->topics) {
    if (publishes) check(zmq_send(end->open[socket], names[topic], strlen(names[topic]), ZMQ_SNDMORE), "send");
    check(zmq_send(end->open[socket], body, size, 0), "send");
  }
}

/* One whole message, of which the last part counts; 0 when there is none. */
static int receive(void *socket, zmq_msg_t *message, int flags) {
  do {
    if (zmq_msg_recv(message, socket, flags) < 0) return 0;
    flags = 0;
  } while (zmq_msg_more(message));
  return 1;
}

/* What has been received so far, and what it has cost this process. */
static void tell_sample(double at, long count) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  double cpu = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
  printf("{\"at\":%.3f,\"count\":%ld,\"cpu\":%.0f,\"faults\":%ld}\n", at, count, cpu, used.ru_minflt + used.ru_majflt);
  fflush(stdout);
}

static void receive_all(end_t *end) {
  zmq_msg_t message;
  zmq_pollitem_t *items = calloc(end->sockets, sizeof *items);
  long count = 0, batch = size < 4096 ? 256 : 4;
  zmq_msg_init(&message);
  for (int i = 0; i < end->sockets; i++) {
    receive(end->open[i], &message, 0);
    items[i].socket = end->open[i];
    items[i].events = ZMQ_POLLIN;
  }
  for (double due = 0;;) {
    if (end->sockets == 1) {
      for (long i = 0; i < batch; i++) count += receive(end->open[0], &message, 0);
    } else {
      zmq_poll(items, end->sockets, -1);
      for (int i = 0; i < end->sockets; i++)
        for (long left = batch; left > 0 && receive(end->open[i], &message, ZMQ_DONTWAIT); left--) count++;
    }
    double at = now();
    if (at < due) continue;
    due = at + INTERVAL;
    tell_sample(at, count);
  }
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double percentile(double *samples, long count, double share) { /* microseconds */
  qsort(samples, count, sizeof *samples, compare);
  return samples[(long)(count * share)] * 1e3;
}

static void round_trips(end_t *end) {
  char *body = calloc(1, size + 1), *answer = malloc(size + 1);
  double *cold = calloc(COLD_TRIPS, sizeof(double)), *warm = calloc(MOST_TRIPS, sizeof(double));
  long colds = 0, warms = 0;
  double warm_at = now() + warm_up, until = warm_at + window_ms;
  for (double before = now(); before < until || colds < COLD_TRIPS;) {
    check(zmq_send(end->open[0], body, size, 0), "send");
    check(zmq_recv(end->open[0], answer, size, 0), "receive");
    double after = now();
    if (colds < COLD_TRIPS) cold[colds++] = after - before;
    if (after > warm_at && warms < MOST_TRIPS) warm[warms++] = after - before;
    before = after;
  }
  double median = percentile(warm, warms, 0.5);
  printf("{\"p50\":%.2f,\"p99\":%.2f,\"p99Cold\":%.2f}\n", median, percentile(warm, warms, 0.99), percentile(cold, colds, 0.99));
}

static void answer_all(end_t *end) {
  zmq_msg_t message;
  zmq_msg_init(&message);
  for (;;) {
    check(zmq_msg_recv(&message, end->open[0], 0), "receive");
    check(zmq_msg_send(&message, end->open[0], 0), "send");
  }
}

static void *run(void *argument) {
  end_t *end = argument;
  int type = type_of(end->role);
  if (type == ZMQ_PUSH || type == ZMQ_PUB) send_all(end);
  if (type == ZMQ_REP) answer_all(end);
  if (type == ZMQ_PULL || type == ZMQ_SUB) receive_all(end);
  if (type == ZMQ_REQ) round_trips(end);
  fflush(stdout);
  _Exit(0);
}

int main(int argc, char **argv) {
  int ends = argc - 7;
  if (ends < 1) {
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    printf("%d.%d.%d\n", major, minor, patch);
    return 0;
  }
  endpoint = argv[1];
  size = strtoul(argv[2], NULL, 10);
  warm_up = atof(argv[3]);
  window_ms = atof(argv[4]);
  public_key = argv[5];
  secret_key = argv[6];
  context = zmq_ctx_new();
  zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 20000);

  end_t *all = calloc(ends, sizeof *all);
  for (int i = 0; i < ends; i++) {
    sscanf(argv[7 + i], "%15[^:]:%15[^:]:%d:%d", all[i].role, all[i].mode, &all[i].sockets, &all[i].topics);
    open_end(&all[i]);
  }
  printf("{\"endpoint\":\"%s\"}\n", endpoint);
  fflush(stdout);
  for (int i = 1; i < ends; i++) {
    pthread_t thread;
    pthread_create(&thread, NULL, run, &all[i]);
  }
  run(&all[0]);
}
