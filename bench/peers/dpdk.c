/* DPDK's route tables on our tables and traces: rte_lpm, rte_fib, rte_lpm6, rte_fib6, by their bulk lookups of 1,024 addresses.
 * Runs without huge pages and without devices. rte_fib and rte_fib6 have entries of two bytes (`fib:1`, `fib:4` for others), and look
 * up as they choose by themselves; `fib-avx512` and `fib6-avx512` let them use vectors of 512 bits, which DPDK does only when told. */
#include "workload.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_fib.h>
#include <rte_fib6.h>
#include <rte_lpm.h>
#include <rte_lpm6.h>
#include <rte_rib.h>
#include <rte_rib6.h>
#include <unistd.h>

static struct workload work;
static struct rte_lpm *lpm;
static struct rte_fib *fib;
static struct rte_lpm6 *lpm6;
static struct rte_fib6 *fib6;
static uint32_t fib_none; /* what the fib answers where nothing matches */
static uint8_t (*octets[8])[16]; /* IPv6 traces as bytes */
static uint8_t (*prefix_octets)[16];
static const struct trace *now;
static uint8_t (*now_octets)[16];

static void to_octets(const uint32_t *words, uint32_t count, uint8_t (*out)[16]) {
    for (uint32_t i = 0; i < count; i++)
        for (int k = 0; k < 16; k++) out[i][k] = (uint8_t)(words[4 * (size_t)i + k / 4] >> (24 - 8 * (k % 4)));
}

static int add(uint32_t i) {
    const uint8_t length = work.lengths[i];
    const uint32_t value = work.values[i];
    if (lpm) return rte_lpm_add(lpm, work.addresses[i], length, value);
    if (fib) return rte_fib_add(fib, work.addresses[i], length, value);
    if (lpm6) return rte_lpm6_add(lpm6, prefix_octets[i], length, value);
    return rte_fib6_add(fib6, prefix_octets[i], length, value);
}

static int take_out(uint32_t i) {
    const uint8_t length = work.lengths[i];
    if (lpm) return rte_lpm_delete(lpm, work.addresses[i], length);
    if (fib) return rte_fib_delete(fib, work.addresses[i], length);
    if (lpm6) return rte_lpm6_delete(lpm6, prefix_octets[i], length);
    return rte_fib6_delete(fib6, prefix_octets[i], length);
}

/* The answers of one batch, -1 where nothing matches; `raw` leaves them as the table gives them. */
static uint32_t out32[BATCH];
static uint64_t out64[BATCH];
static int32_t out6[BATCH];

static inline void bulk(uint32_t from, uint32_t count) {
    if (lpm) rte_lpm_lookup_bulk(lpm, now->addresses + from, out32, count);
    else if (fib) rte_fib_lookup_bulk(fib, (uint32_t *)(uintptr_t)(now->addresses + from), out64, (int)count);
    else if (lpm6) rte_lpm6_lookup_bulk_func(lpm6, now_octets + from, out6, count);
    else rte_fib6_lookup_bulk(fib6, now_octets + from, out64, (int)count);
    __asm__ volatile("" ::: "memory");
}

static int32_t answer(uint32_t i) {
    if (lpm) return out32[i] & RTE_LPM_LOOKUP_SUCCESS ? (int32_t)(out32[i] & 0xffffff) : -1;
    if (lpm6) return out6[i];
    return out64[i] == fib_none ? -1 : (int32_t)out64[i];
}

static void batches(void *unused, uint32_t from, uint32_t count) {
    (void)unused;
    for (uint32_t i = from; i < from + count; i += BATCH) bulk(i, BATCH);
}

static void dependent(void *unused, uint32_t from, uint32_t count) {
    (void)unused;
    uint32_t at = from;
    for (uint32_t n = 0; n < count; n++) {
        bulk(at, 1);
        at += 1 + ((uint32_t)answer(0) & 1);
        if (at >= from + count) at = from;
    }
}

static void updates(void *unused, uint32_t from, uint32_t count) {
    (void)unused;
    for (uint32_t i = from; i < from + count; i++) {
        take_out(work.order[i]);
        if (add(work.order[i]) != 0) {
            fprintf(stderr, "an update was refused\n");
            exit(3);
        }
    }
}

static long resident(void) {
    long pages = 0, rss = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld %ld", &pages, &rss) != 2) rss = 0;
    if (file != NULL) fclose(file);
    return rss * sysconf(_SC_PAGESIZE);
}

static const char *create(const char *kind, int bytes) {
    const int routes = (int)(2 * work.count + 1024);
    const uint32_t tbl8s = work.tbl8s + 256;
    fib_none = bytes == 1 ? 127 : bytes == 2 ? 0x7fff : 0x7fffffff;
    if (strncmp(kind, "fib", 3) == 0 && work.values_most >= fib_none) return "next hops do not fit into an entry";
    if (strcmp(kind, "lpm") == 0) {
        if (work.count > 200000) return "rte_lpm_add moves all rules behind a new one: hours for this table";
        struct rte_lpm_config config = {.max_rules = (uint32_t)routes, .number_tbl8s = tbl8s, .flags = 0};
        lpm = rte_lpm_create("lpm", SOCKET_ID_ANY, &config);
    } else if (strcmp(kind, "fib") == 0) {
        struct rte_fib_conf conf = {.type = RTE_FIB_DIR24_8, .default_nh = fib_none, .max_routes = routes};
        conf.dir24_8.nh_sz = bytes == 1 ? RTE_FIB_DIR24_8_1B : bytes == 2 ? RTE_FIB_DIR24_8_2B : RTE_FIB_DIR24_8_4B;
        conf.dir24_8.num_tbl8 = tbl8s;
        fib = rte_fib_create("fib", SOCKET_ID_ANY, &conf);
    } else if (strcmp(kind, "lpm6") == 0) {
        struct rte_lpm6_config config = {.max_rules = (uint32_t)routes, .number_tbl8s = tbl8s, .flags = 0};
        lpm6 = rte_lpm6_create("lpm6", SOCKET_ID_ANY, &config);
    } else if (strcmp(kind, "fib6") == 0) {
        struct rte_fib6_conf conf = {.type = RTE_FIB6_TRIE, .default_nh = fib_none, .max_routes = routes};
        conf.trie.nh_sz = bytes == 4 ? RTE_FIB6_TRIE_4B : RTE_FIB6_TRIE_2B;
        /* It reserves a group a byte of every prefix below its parent, shared or not. */
        conf.trie.num_tbl8 = work.reserved + 8 * 256;
        if (bytes == 2 && conf.trie.num_tbl8 > 32767) return "entries of two bytes number 32,767 groups of 256 prefixes; fib6:4 numbers more";
        fib6 = rte_fib6_create("fib6", SOCKET_ID_ANY, &conf);
    } else return "no such kind";
    if (!lpm && !fib && !lpm6 && !fib6) return rte_strerror(rte_errno);
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: dpdk lpm|fib|fib-avx512|lpm6|fib6|fib6-avx512[:BYTES] FILE\n");
        return 2;
    }
    work = load(argv[2]);
    char kind[32];
    snprintf(kind, sizeof kind, "%s", argv[1]);
    char *colon = strchr(kind, ':');
    const int bytes = colon != NULL ? atoi(colon + 1) : 2;
    if (colon != NULL) *colon = 0;
    char *dash = strchr(kind, '-');
    char width[] = "--force-max-simd-bitwidth=512";
    const int wide = dash != NULL;
    if (wide) *dash = 0;
    char *eal[] = {argv[0], "--no-huge", "--no-pci", "--no-telemetry", "--no-shconf", "-m", "12000", "--log-level=1", width, NULL};
    if (rte_eal_init(wide ? 9 : 8, eal) < 0) {
        printf("none the EAL does not start: %s\n", rte_strerror(rte_errno));
        return 0;
    }
    for (uint32_t t = 0; work.family == 6 && t < work.traces; t++) {
        octets[t] = malloc(16 * (size_t)work.trace[t].length);
        to_octets(work.trace[t].addresses, work.trace[t].length, octets[t]);
    }
    if (work.family == 6) {
        prefix_octets = malloc(16 * (size_t)work.count);
        to_octets(work.addresses, work.count, prefix_octets);
    }
    const long before = resident();
    const double began = cpu_ns();
    const char *problem = create(kind, bytes);
    for (uint32_t i = 0; i < work.count && problem == NULL; i++) {
        const int refused = add(i);
        if (refused != 0) problem = rte_strerror(-refused);
    }
    const double built = cpu_ns() - began;
    if (problem == NULL && wide && fib && rte_fib_select_lookup(fib, RTE_FIB_LOOKUP_DIR24_8_VECTOR_AVX512) != 0) problem = "no AVX-512 here";
    if (problem == NULL && wide && fib6 && rte_fib6_select_lookup(fib6, RTE_FIB6_LOOKUP_TRIE_VECTOR_AVX512) != 0) problem = "no AVX-512 here";
    if (problem != NULL) {
        printf("none %s\n", problem);
        return 0;
    }
    printf("ready %.3f %ld\n", built / 1e6, resident() - before);
    fflush(stdout);
    char line[64];
    while (fgets(line, sizeof line, stdin) != NULL) {
        char word[16];
        uint32_t t = 0;
        if (sscanf(line, "%15s %u", word, &t) < 1 || t >= work.traces) return 2;
        now = &work.trace[t];
        now_octets = octets[t];
        const uint32_t whole = now->length / BATCH * BATCH;
        if (strcmp(word, "answers") == 0) {
            uint32_t hash = 0;
            for (uint32_t from = 0; from < now->length; from += BATCH) {
                const uint32_t some = now->length - from < BATCH ? now->length - from : BATCH;
                bulk(from, some);
                for (uint32_t i = 0; i < some; i++) hash = hash * 31 + (uint32_t)(answer(i) + 1);
            }
            printf("answers %u %u\n", now->length, hash);
        } else if (strcmp(word, "batch") == 0) printf("batch %.4f\n", measure(batches, NULL, BATCH, whole));
        else if (strcmp(word, "dependent") == 0) printf("dependent %.4f\n", measure(dependent, NULL, BATCH, whole));
        else if (strcmp(word, "update") == 0) printf("update %.4f\n", measure(updates, NULL, 16, work.updates));
        else return 2;
        fflush(stdout);
    }
    return 0;
}
