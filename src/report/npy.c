#include "report/npy.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

struct bytes npy_encode(const float *values, int c, int h, int w) {
    /* Magic, version, header length, a Python dict padded with spaces so that the data starts at a
     * multiple of 64, and a newline (numpy.lib.format). */
    enum { HEADER = 128 };
    static const uint8_t start[] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, HEADER - 10, 0};
    size_t bytes = (size_t)c * (size_t)h * (size_t)w * sizeof *values;
    char *file = mem_alloc(HEADER + bytes + 1);
    memcpy(file, start, sizeof start);
    int used =
        snprintf(file + 10, HEADER - 10,
                 "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d, %d), }", c, h, w);
    memset(file + 10 + used, ' ', (size_t)(HEADER - 11 - used));
    file[HEADER - 1] = '\n';
    memcpy(file + HEADER, values, bytes); /* all machines that this builds for are little endian */
    return (struct bytes){(uint8_t *)file, HEADER + bytes};
}
