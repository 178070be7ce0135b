/* The day of a fleet on one binary heap in C: what the machine can do with the usual structure.
   gcc -O3 -march=native day_heap.c -lm -o day_heap;  day_heap DEVICES  prints one JSON line. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define DAY 86400.0
enum { REPORT, MOVE, PRESS, CANCEL };
typedef struct { double t; uint32_t code; } item;

static item *heap;
static uint32_t size;
static uint64_t state = 1, counts[4];

static inline double draw(void) {
  uint64_t z = (state += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return ((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static void sink(uint32_t i, item x) {
  for (;;) {
    uint32_t child = 2 * i + 1;
    if (child >= size) break;
    if (child + 1 < size && heap[child + 1].t < heap[child].t) child++;
    if (heap[child].t >= x.t) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = x;
}

static void push(item x) {
  uint32_t i = size++;
  while (i && heap[(i - 1) / 2].t > x.t) { heap[i] = heap[(i - 1) / 2]; i = (i - 1) / 2; }
  heap[i] = x;
}

static void pop(void) { item last = heap[--size]; sink(0, last); }

/* each event goes to one call that the compiler may not remove, as in the other engines */
__attribute__((noinline)) static void emit(double t, uint32_t device, int kind) {
  counts[kind]++;
  __asm__ volatile("" ::"r"(device), "x"(t));
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
  heap = malloc(sizeof(item) * ((size_t)devices + devices / 10 + 100000));
  float *ends = malloc(sizeof(float) * (devices / 10 + 1));
  const double rate = 1e-3 / DAY * devices;
  for (uint32_t i = 0; i < devices; i++) heap[size++] = (item){draw() * 21600, i * 4};
  for (uint32_t i = 0; i < devices; i += 10) {
    double wakes = 21600 + 14400 * draw();
    ends[i / 10] = wakes + 28800;
    heap[size++] = (item){wakes + draw() * 300, i * 4 + MOVE};
  }
  heap[size++] = (item){-log(1 - draw()) / rate, PRESS};
  for (uint32_t i = size / 2 + 1; i-- > 0;) sink(i, heap[i]);
  double made = now();
  while (heap[0].t < DAY) {
    item x = heap[0];
    uint32_t device = x.code >> 2;
    double t;
    switch (x.code & 3) {
      case REPORT:
        emit(x.t, device, REPORT);
        sink(0, (item){x.t + 21600 * (0.9 + 0.2 * draw()), x.code});
        break;
      case MOVE:
        emit(x.t, device, MOVE);
        t = x.t + 300 * (0.9 + 0.2 * draw());
        if (t < ends[device / 10]) sink(0, (item){t, x.code});
        else pop();
        break;
      case PRESS:
        device = draw() * devices;
        emit(x.t, device, PRESS);
        sink(0, (item){x.t - log(1 - draw()) / rate, x.code});
        if (draw() < 0.3) push((item){x.t + 5 + 25 * draw(), device * 4 + CANCEL});
        break;
      default:
        emit(x.t, device, CANCEL);
        pop();
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
