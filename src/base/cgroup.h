/* Limits of Linux control groups, version 2. */
#ifndef BASE_CGROUP_H
#define BASE_CGROUP_H

#include <stddef.h>

/* The bytes that the group "/a/b" below the file system mounted at `mount`, and all groups above
 * it, leave: the limit less what is in use, file cache that can be dropped aside. SIZE_MAX when
 * there is no limit. */
size_t cgroup_available(const char *mount, const char *group);

#endif
