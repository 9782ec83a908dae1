/* tags: bracketed descriptions of what is no speech: [laughter], (Music), <noise>,
 * *coughs*. They cost nothing on either side. Words of an answer that only hide in
 * brackets are no tags and count. */
#ifndef STT_TAGS_H
#define STT_TAGS_H
#include "common/text.h"

enum { STT_TAGS_MAX = 64 };
/* Spans of a reference that no vocabulary knows: a remark of the annotator's, or words
 * that were spoken aside. */
typedef struct {
	plg_text span[STT_TAGS_MAX]; /* words, joined by single spaces */
	size_t n;
} stt_tags;

/* t is in lower case. Tags go; of other spans only the brackets go, and the whole span
 * when also (may be NULL) lists it. cp NULL when out of memory. */
plg_text stt_tags_remove(plg_arena *a, plg_text t, const stt_tags *also);
/* The spans that are no tags by themselves; the first STT_TAGS_MAX of them. */
void stt_tags_collect(plg_arena *a, plg_text t, stt_tags *out);

#endif
