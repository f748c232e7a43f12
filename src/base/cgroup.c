#include "base/cgroup.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The number in a file of one number; `otherwise` when there is none ("max"). */
static size_t read_number(const char *folder, const char *name, size_t otherwise) {
    char path[600];
    size_t number;
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) return otherwise;
    FILE *file = fopen(path, "re");
    if (!file) return otherwise;
    if (fscanf(file, "%zu", &number) != 1) number = otherwise;
    fclose(file);
    return number;
}

/* What a control group (version 2) leaves: its limit less what is in use, file cache that can be
 * dropped aside. */
static size_t group_available(const char *folder) {
    char path[600], value[64] = "";
    size_t most = read_number(folder, "memory.max", SIZE_MAX), cache = 0;
    if (most == SIZE_MAX) return SIZE_MAX;
    size_t used = read_number(folder, "memory.current", 0);
    if (snprintf(path, sizeof path, "%s/memory.stat", folder) < (int)sizeof path) {
        FILE *file = fopen(path, "re");
        while (file && fgets(value, sizeof value, file) &&
               sscanf(value, "inactive_file %zu", &cache) != 1) {
        }
        if (file) fclose(file);
    }
    used = used > cache ? used - cache : 0;
    return most > used ? most - used : 0;
}

size_t cgroup_available(const char *mount, const char *group) {
    char folder[512];
    size_t root = strlen(mount), least = SIZE_MAX;
    if (group[0] != '/' || strstr(group, "..") ||
        snprintf(folder, sizeof folder, "%s%s", mount, group) >= (int)sizeof folder)
        return SIZE_MAX;
    for (;;) {
        size_t available = group_available(folder);
        if (available < least) least = available;
        char *slash = strrchr(folder + root, '/');
        if (!slash) return least;
        *slash = '\0';
    }
}
