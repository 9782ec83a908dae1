/* Ratios with the reference's own conventions for empty sides. */
#include "stt/measures.h"
#include "stt/transforms.h"

stt_counts stt_counts_add(stt_counts a, stt_counts b)
{
	return (stt_counts){a.hits + b.hits, a.substitutions + b.substitutions,
						a.deletions + b.deletions, a.insertions + b.insertions};
}

double stt_error_rate(stt_counts n)
{
	size_t errors = n.substitutions + n.deletions + n.insertions;
	size_t ref = n.hits + n.substitutions + n.deletions;
	return ref > 0 ? (double)errors / (double)ref : (double)n.insertions;
}

stt_measures stt_measures_of(stt_counts n)
{
	double hits = (double)n.hits;
	size_t ref = n.hits + n.substitutions + n.deletions;
	size_t hyp = n.hits + n.substitutions + n.insertions;
	size_t errors = n.substitutions + n.deletions + n.insertions;
	stt_measures m = {.wer = stt_error_rate(n)};
	if (ref == 0) {
		m.mer = hyp == 0 ? 0 : 1;
		m.wip = hyp == 0 ? 1 : 0;
	} else {
		m.mer = (double)errors / (double)(n.hits + errors);
		m.wip = hyp == 0 ? 0 : hits / (double)ref * (hits / (double)hyp);
	}
	m.wil = 1 - m.wip;
	return m;
}

plg_text *stt_jiwer_words(plg_arena *a, plg_text t, size_t *n)
{
	return stt_split_spaces(a, plg_strip(stt_remove_multiple_spaces(a, t)), n);
}
