/* The tracker's memory, shared by the files that fold, sync and encode it. */
#ifndef ASY_WEIGHTS_TRACKER_H
#define ASY_WEIGHTS_TRACKER_H
#include "weights/weights.h"

typedef struct {
	uint16_t uid;
	uint8_t hotkey[32];
	uint64_t registered_block;
	double score, mass;
	uint64_t last_ns;
	uint64_t observed_n, failed_n, missing_n;
	uint32_t fail_streak;
} member;

struct assay_tracker {
	assay_tracker_options options;
	member *members; /* ascending uid */
	size_t members_n;
	uint64_t folds, last_fold_ns;
	double mass; /* decay form with a half-life: one age for all */
};

/* The place of a uid among the members, members_n when nobody sits there. */
size_t asy_tracker_find_uid(const assay_tracker *t, uint16_t uid);

/* ASSAY_E_INPUT when a uid or hotkey occurs twice; members are ascending by uid. */
assay_status asy_tracker_check_distinct(const member *members, size_t n,
										assay_err *err) ASSAY_CHECKED;
#endif
