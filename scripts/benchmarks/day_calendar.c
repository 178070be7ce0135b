/* The day of a fleet on a calendar queue in C: a list a second, sorted when its second comes. A
   bound that no heap reaches.
   gcc -O3 -march=native day_calendar.c -lm -o day_calendar;  day_calendar DEVICES  prints JSON. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define SECONDS 86400
enum { REPORT, MOVE, PRESS, CANCEL };
typedef struct { double t; uint32_t code; int32_t next; } node;
typedef struct { double t; int32_t id; } due;

static node *nodes;
static int32_t head[SECONDS];
static uint64_t state = 1, counts[4];

static inline double draw(void) {
  uint64_t z = (state += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return ((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static inline void put(int32_t id, double t, uint32_t code) {
  nodes[id].t = t;
  nodes[id].code = code;
  if (t >= SECONDS) return;
  nodes[id].next = head[(int32_t)t];
  head[(int32_t)t] = id;
}

/* each event goes to one call that the compiler may not remove, as in the other engines */
__attribute__((noinline)) static void emit(double t, uint32_t device, int kind) {
  counts[kind]++;
  __asm__ volatile("" ::"r"(device), "x"(t));
}

static int by_time(const void *a, const void *b) {
  double x = ((const due *)a)->t, y = ((const due *)b)->t;
  return (x > y) - (x < y);
}

static void sort(due *list, size_t n) {
  if (n >= 12) { qsort(list, n, sizeof(due), by_time); return; }
  for (size_t i = 1; i < n; i++) {
    due x = list[i];
    size_t j = i;
    while (j && list[j - 1].t > x.t) { list[j] = list[j - 1]; j--; }
    list[j] = x;
  }
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  uint32_t devices = atoi(argv[1]);
  double began = now();
  size_t room = (size_t)devices + devices / 10 + 1000002;
  nodes = malloc(sizeof(node) * room);
  due *list = malloc(sizeof(due) * room);
  float *ends = malloc(sizeof(float) * (devices / 10 + 1));
  const double rate = 1e-3 / SECONDS * devices;
  int32_t made_nodes = 0;
  for (int i = 0; i < SECONDS; i++) head[i] = -1;
  for (uint32_t i = 0; i < devices; i++) put(made_nodes++, draw() * 21600, i * 4);
  for (uint32_t i = 0; i < devices; i += 10) {
    double wakes = 21600 + 14400 * draw();
    ends[i / 10] = wakes + 28800;
    put(made_nodes++, wakes + draw() * 300, i * 4 + MOVE);
  }
  put(made_nodes++, -log(1 - draw()) / rate, PRESS);
  double made = now();
  for (int32_t second = 0; second < SECONDS; second++) {
    while (head[second] >= 0) { /* what falls into the second being played is played after it */
      size_t n = 0;
      for (int32_t i = head[second]; i >= 0; i = nodes[i].next) list[n++] = (due){nodes[i].t, i};
      head[second] = -1;
      sort(list, n);
      for (size_t j = 0; j < n; j++) {
        int32_t id = list[j].id;
        double t = list[j].t, next;
        uint32_t code = nodes[id].code, device = code >> 2;
        switch (code & 3) {
          case REPORT:
            emit(t, device, REPORT);
            put(id, t + 21600 * (0.9 + 0.2 * draw()), code);
            break;
          case MOVE:
            emit(t, device, MOVE);
            next = t + 300 * (0.9 + 0.2 * draw());
            if (next < ends[device / 10]) put(id, next, code);
            break;
          case PRESS:
            device = draw() * devices;
            emit(t, device, PRESS);
            put(id, t - log(1 - draw()) / rate, code);
            if (draw() < 0.3) put(made_nodes++, t + 5 + 25 * draw(), device * 4 + CANCEL);
            break;
          default:
            emit(t, device, CANCEL);
        }
      }
    }
  }
  double done = now();
  struct rusage use;
  getrusage(RUSAGE_SELF, &use);
  printf("{\"events\": %lu, \"start_s\": %.6f, \"run_s\": %.6f, \"bytes_device\": %.2f}\n",
         counts[0] + counts[1] + counts[2] + counts[3], made - began, done - made,
         use.ru_maxrss * 1024.0 / devices);
  return 0;
}
