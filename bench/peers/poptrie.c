/* Poptrie (github.com/pixos/poptrie, for research and evaluation only, not part of this project) on our tables and traces:
 * compiled with a checkout of yours when POPTRIE names its folder. */
#include "workload.h"

#include <poptrie.h>

static struct workload work;
static struct poptrie *trie;
static const struct trace *now;
static uintptr_t kept;

static int add(uint32_t i) {
    return poptrie_route_add(trie, work.addresses[i], work.lengths[i], (void *)(uintptr_t)(work.values[i] + 1));
}

static void singles(void *unused, uint32_t from, uint32_t count) {
    (void)unused;
    uintptr_t sum = 0;
    for (uint32_t i = from; i < from + count; i++) sum += (uintptr_t)poptrie_lookup(trie, now->addresses[i]);
    kept += sum;
}

static void dependent(void *unused, uint32_t from, uint32_t count) {
    (void)unused;
    uint32_t at = from;
    for (uint32_t n = 0; n < count; n++) {
        at += 1 + (((uint32_t)(uintptr_t)poptrie_lookup(trie, now->addresses[at]) - 1) & 1);
        if (at >= from + count) at = from;
    }
    kept += at;
}

static void updates(void *unused, uint32_t from, uint32_t count) {
    (void)unused;
    for (uint32_t i = from; i < from + count; i++) {
        poptrie_route_del(trie, work.addresses[work.order[i]], work.lengths[work.order[i]]);
        add(work.order[i]);
    }
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    work = load(argv[2]);
    if (work.family != 4) {
        printf("none IPv4 only here\n");
        return 0;
    }
    const double began = cpu_ns();
    trie = poptrie_init(NULL, 19, 22);
    uint32_t refused = 0;
    for (uint32_t i = 0; i < work.count; i++)
        if (add(i) < 0) refused++;
    if (refused > 0) {
        printf("none %u of %u routes refused\n", refused, work.count);
        return 0;
    }
    printf("ready %.3f 0\n", (cpu_ns() - began) / 1e6);
    fflush(stdout);
    char line[64];
    while (fgets(line, sizeof line, stdin) != NULL) {
        char word[16];
        uint32_t t = 0;
        if (sscanf(line, "%15s %u", word, &t) < 1 || t >= work.traces) return 2;
        now = &work.trace[t];
        const uint32_t whole = now->length / BATCH * BATCH;
        if (strcmp(word, "answers") == 0) {
            uint32_t hash = 0;
            for (uint32_t i = 0; i < now->length; i++) hash = hash * 31 + (uint32_t)(uintptr_t)poptrie_lookup(trie, now->addresses[i]);
            printf("answers %u %u\n", now->length, hash);
        } else if (strcmp(word, "single") == 0) printf("single %.4f\n", measure(singles, NULL, BATCH, whole));
        else if (strcmp(word, "dependent") == 0) printf("dependent %.4f\n", measure(dependent, NULL, BATCH, whole));
        else if (strcmp(word, "update") == 0) printf("update %.4f\n", measure(updates, NULL, 16, work.updates));
        else printf("none\n");
        fflush(stdout);
    }
    return kept == 1;
}
