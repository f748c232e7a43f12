#ifndef CLI_VERSION_H
#define CLI_VERSION_H
#define STRIDELAB_VERSION "0.1.0"
#define STRIDELAB_DATE    "2026-11-24" /* of that version */
#endif
