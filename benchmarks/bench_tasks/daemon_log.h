/* What the log of one daemon says about each of its tasks. */
#ifndef ASSAY_BENCH_DAEMON_LOG_H
#define ASSAY_BENCH_DAEMON_LOG_H
#include "base/base.h"

#define TASKS_MAX 64u
#define EPOCHS_MAX 4096u

typedef struct {
	char name[33];
	uint64_t block[EPOCHS_MAX]; /* of the epochs that ran with a vector of ours, in order */
	size_t counted;
	uint64_t begun, lost, given_up, again, failed, revealed;
	uint64_t late_reveals; /* in the second half of an epoch */
	double latest_reveal;  /* as a part of the epoch, 0 to 1 */
} task_log;

typedef struct {
	task_log task[TASKS_MAX];
	size_t n;
	uint64_t tempo, longest_ms; /* longest: that the loop could serve nothing */
} daemon_log;

/* Reads a log in JSON; tempo is set. Lines that are not JSON are left out. */
void daemon_log_read(daemon_log *l, const char *path);
/* Epochs between the first and the last that counted which ran without a new vector. */
uint64_t task_log_missed(const task_log *t, uint64_t tempo);
/* Epochs that counted more than once. */
uint64_t task_log_double(const task_log *t);
#endif
