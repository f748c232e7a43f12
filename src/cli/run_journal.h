/* OUT/journal.jsonl: a line for every image that is done, so that --resume need not do it again.
 *
 * A line that is torn or damaged is passed over, and so is one whose files are not as it says: its
 * image is done again. The last line of an image counts. What is in a line: run_journal_line.h.
 *
 * A line is appended right after its files are renamed into place, and before they are forced to
 * the disk: that is done for all together every few seconds and at the end, as a wait for every
 * file would cost more than a small network does. When the power fails in between, any part of what
 * was written since may be missing, in any order, and a line may be there whose files are not. That
 * is safe, as a line alone never makes an image done: journal_read hashes every file that it lists,
 * and demands those that the options ask for. The line itself is whole or passed over: what a file
 * system leaves of an append is its start, or zeros in it, and neither is a line of JSON. */
#ifndef CLI_RUN_JOURNAL_H
#define CLI_RUN_JOURNAL_H

#include "cli/run_outputs.h"

#define JOURNAL_NAME "journal.jsonl"

/* Opens, or makes, the journal in OUT and locks it: STATUS_IO "in use by process N" when another
 * run has it. The lock ends with journal_close or with the process. */
bool journal_open(struct run *run, struct err *err);
/* Forgets what an older run wrote there. */
bool journal_clear(struct run *run, struct err *err);
/* Fills in the results of the images that are done and whose files are as they were left. */
bool journal_read(struct run *run, struct err *err);

/* Writes lines in one piece, and at times waits for the disk. */
bool journal_add(struct run *run, const struct text *lines, struct err *err);

void journal_close(struct run *run); /* idempotent */

#endif
