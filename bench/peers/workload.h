/* Tables and traces as src/run/bench/workload.ts writes them, the pass that times something, and the lines that peers speak.
 *
 *   ./peer KIND FILE     says `ready BUILD_MS BYTES` or `none REASON`, then answers each line of standard input:
 *   answers TRACE        `answers COUNT HASH`: all answers folded into 32 bits, to compare peers with each other
 *   batch TRACE          million lookups a second of CPU time, batches of 1,024; the pass at the 90th percentile of five
 *   dependent TRACE      the same, each address chosen by the answer before
 *   update               million times a second: a prefix taken out and put back
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 1024
#define PASSES 5
#define PASS_NS 12e6

struct trace {
    uint32_t length;
    const uint32_t *addresses;
};

struct workload {
    uint32_t family, count, traces, tbl8s, reserved, updates, values_most;
    const uint32_t *addresses; /* one word a prefix, or four, most significant first */
    const uint8_t *lengths;
    const uint32_t *values;
    const uint32_t *order; /* prefixes that updates take out and put back */
    struct trace trace[8];
};

static inline struct workload load(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(2);
    }
    const long size = ftell(file);
    uint8_t *bytes = malloc((size_t)size);
    rewind(file);
    if (bytes == NULL || fread(bytes, 1, (size_t)size, file) != (size_t)size || memcmp(bytes, "IRB1", 4) != 0) {
        fprintf(stderr, "%s: no workload\n", path);
        exit(2);
    }
    fclose(file);
    struct workload w;
    const uint32_t *head = (const uint32_t *)bytes + 1;
    w.family = head[0];
    w.count = head[1];
    w.traces = head[2];
    w.tbl8s = head[3];
    w.reserved = head[4];
    w.updates = head[5];
    w.values_most = head[6];
    const uint32_t width = w.family == 4 ? 1 : 4;
    const uint32_t *at = head + 7;
    w.addresses = at;
    at += (size_t)width * w.count;
    w.values = at;
    at += w.count;
    w.order = at;
    at += w.updates;
    w.lengths = (const uint8_t *)at;
    at += (w.count + 3) / 4;
    for (uint32_t i = 0; i < w.traces; i++) {
        w.trace[i].length = *at++;
        w.trace[i].addresses = at;
        at += (size_t)width * w.trace[i].length;
    }
    return w;
}

static inline double cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* What is timed: does `count` operations from an index on, `count` a multiple of the unit. */
typedef void (*operation)(void *state, uint32_t from, uint32_t count);

/* Million operations a second; `most` of them lie in a row before they begin again. */
static inline double measure(operation run, void *state, uint32_t unit, uint32_t most) {
    /* As long as a pass, so that everything is warm, and until a chunk fills an eighth of one. */
    uint32_t count = unit;
    for (double spent = 0; spent < PASS_NS;) {
        const double began = cpu_ns();
        run(state, 0, count);
        const double took = cpu_ns() - began;
        spent += took;
        if (took < PASS_NS / 8 && count * 2 <= most) count *= 2;
    }
    double rates[PASSES];
    uint32_t at = 0;
    for (int pass = 0; pass < PASSES; pass++) {
        double done = 0;
        const double began = cpu_ns();
        double took;
        do {
            if (at + count > most) at = 0;
            run(state, at, count);
            at += count;
            done += count;
            took = cpu_ns() - began;
        } while (took < PASS_NS);
        rates[pass] = done / took * 1000;
    }
    qsort(rates, PASSES, sizeof(double), by_size);
    return rates[PASSES - 1]; /* nearest rank: ceil(0.9 * 5) */
}

#endif
