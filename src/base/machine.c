#include "base/machine.h"

#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cgroup.h"

/* The value of the first line of `path` that begins with `key`, up to its end; "" without one. */
static void find_line(const char *path, const char *key, char *value, size_t size) {
    char line[512];
    FILE *file = fopen(path, "re");
    value[0] = '\0';
    while (file && !*value && fgets(line, sizeof line, file)) {
        if (strncmp(line, key, strlen(key)) != 0) continue;
        const char *colon = strchr(line, ':');
        if (!colon) continue;
        snprintf(value, size, "%s", colon + 1 + strspn(colon + 1, " \t"));
        value[strcspn(value, "\n")] = '\0';
    }
    if (file) fclose(file);
}

int machine_cores(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 0 ? (int)cores : 1;
}

void machine_describe(char *out, size_t size) {
    char model[128];
    struct utsname name;
    find_line("/proc/cpuinfo", "model name", model, sizeof model);
    if (uname(&name) != 0) memset(&name, 0, sizeof name);
    double gib = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / (1 << 30);
    snprintf(out, size, "%s, %d cores, %.0f GiB, %s %s", *model ? model : name.machine,
             machine_cores(), gib, name.sysname, name.machine);
}

static size_t groups_available(void) {
    char name[400];
    find_line("/proc/self/cgroup", "0:", name, sizeof name); /* "0::/path" */
    return name[0] == ':' ? cgroup_available("/sys/fs/cgroup", name + 1) : SIZE_MAX;
}

size_t machine_available_memory(void) {
    char value[64];
    size_t kib = 0, groups = groups_available();
    find_line("/proc/meminfo", "MemAvailable", value, sizeof value);
    size_t machine = sscanf(value, "%zu", &kib) == 1 ? kib * 1024 : 0;
    if (groups == SIZE_MAX) return machine;
    return machine && machine < groups ? machine : groups > 0 ? groups : 1;
}

size_t machine_peak_memory(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (size_t)usage.ru_maxrss * 1024 : 0;
}

long machine_preemptions(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_nivcsw : 0;
}

double machine_load(void) {
    double load;
    return getloadavg(&load, 1) == 1 ? load : -1;
}
