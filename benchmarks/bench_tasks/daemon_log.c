/* Reads the log of a daemon, line by line, into figures for each task. */
#include "bench_tasks/daemon_log.h"
#include <stdlib.h>
#include "codec/codec.h"

static task_log *task_of(daemon_log *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->task[i].name, name) == 0)
			return &l->task[i];
	}
	if (l->n == TASKS_MAX)
		return NULL;
	task_log *t = &l->task[l->n++];
	*t = (task_log){.counted = 0};
	(void)asy_str_copy(t->name, sizeof t->name, name);
	return t;
}

static uint64_t number(asy_jv line, const char *key)
{
	uint64_t v = 0;
	return asy_jv_u64(asy_jv_get(line, key), &v, NULL) == ASSAY_OK ? v : 0;
}

/* A revealed vector's block, by its place after the epoch that it waited for. */
static void note_reveal(task_log *t, uint64_t block, uint64_t tempo, uint64_t phase)
{
	double at = (double)((block + tempo - phase % tempo) % tempo) / (double)tempo;
	t->revealed++;
	t->late_reveals += at > 0.5;
	t->latest_reveal = at > t->latest_reveal ? at : t->latest_reveal;
}

static void note(daemon_log *l, task_log *t, asy_jv line, const char *event)
{
	if (strcmp(event, "weights.counted") == 0 && t->counted < EPOCHS_MAX)
		t->block[t->counted++] = number(line, "epoch_block");
	else if (strcmp(event, "weights.revealed") == 0 && t->counted > 0)
		note_reveal(t, number(line, "block"), l->tempo, t->block[0]);
	else if (strcmp(event, "weights.missed") == 0)
		t->lost++;
	else if (strcmp(event, "submit.given_up") == 0)
		t->given_up++;
	else if (strcmp(event, "submit.again") == 0)
		t->again++;
	else if (strcmp(event, "task.failed") == 0)
		t->failed++;
	else if (strcmp(event, "round.begin") == 0)
		t->begun++;
}

static void read_line(daemon_log *l, const char *text)
{
	asy_json *doc = NULL;
	const char *event = NULL, *name = NULL;
	size_t len;
	if (asy_json_parse(asy_span_str(text), NULL, &doc, NULL) != ASSAY_OK)
		return;
	asy_jv line = asy_json_root(doc);
	bool told = asy_jv_str(asy_jv_get(line, "event"), &event, &len, NULL) == ASSAY_OK;
	if (told && strcmp(event, "loop.longest") == 0)
		l->longest_ms = number(line, "ms");
	if (told && asy_jv_str(asy_jv_get(line, "task"), &name, &len, NULL) == ASSAY_OK) {
		task_log *t = task_of(l, name);
		if (t != NULL)
			note(l, t, line, event);
	}
	asy_json_free(doc);
}

void daemon_log_read(daemon_log *l, const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0;
	l->n = 0;
	while (f != NULL && getline(&line, &cap, f) > 0)
		read_line(l, line);
	free(line);
	if (f != NULL)
		(void)fclose(f);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

/* The epochs in order; how many follow in the same epoch, and how many are left out. */
static void gaps(const task_log *t, uint64_t tempo, uint64_t *missed, uint64_t *twice)
{
	static uint64_t sorted[EPOCHS_MAX];
	memcpy(sorted, t->block, t->counted * sizeof *sorted);
	qsort(sorted, t->counted, sizeof *sorted, by_number);
	*missed = *twice = 0;
	for (size_t i = 1; i < t->counted; i++) {
		uint64_t apart = sorted[i] - sorted[i - 1];
		*twice += apart == 0;
		if (apart > tempo)
			*missed += (apart + tempo / 2) / tempo - 1; /* an epoch may be put off a block */
	}
}

uint64_t task_log_missed(const task_log *t, uint64_t tempo)
{
	uint64_t missed, twice;
	gaps(t, tempo, &missed, &twice);
	return missed;
}

uint64_t task_log_double(const task_log *t)
{
	uint64_t missed, twice;
	gaps(t, 1, &missed, &twice);
	return twice;
}
