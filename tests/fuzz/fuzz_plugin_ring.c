/* A job in shared memory as the worker reads it, and packed challenges as the host
 * reads them: whatever the words say, every span lies inside the file. */
#include <stdlib.h>
#include "plugin/proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t touched;

static void touch(assay_span file, assay_bytes b)
{
	if (b.len == 0)
		return;
	ASSERT(b.ptr >= file.ptr + ASY_RING_HEAD && b.len <= file.len &&
		   b.ptr <= file.ptr + file.len - b.len);
	touched += b.ptr[0] + b.ptr[b.len - 1];
}

static void touch_parts(assay_span file, const assay_part *part, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		touch(file, part[i].name);
		touch(file, part[i].type);
		touch(file, part[i].bytes);
	}
}

static void try_job(asy_ring_job job, assay_span file)
{
	asy_job_view v = {0};
	/* keeps one input from allocating for a minute */
	job.response_n %= 4096;
	job.challenge_n %= 4096;
	job.part_n %= 4096;
	if (asy_ring_job_read(file, file.len, &job, 2, &v, NULL) != ASSAY_OK)
		return;
	for (uint32_t i = 0; i < job.challenge_n; i++) {
		touch(file, v.challenge[i].prompt);
		touch(file, v.challenge[i].reference);
		touch(file, v.challenge[i].meta_json);
		touch_parts(file, v.challenge[i].part, v.challenge[i].part_n);
	}
	for (uint64_t i = 0; i < job.response_n; i++) {
		ASSERT(v.response[i].challenge < job.challenge_n);
		touch(file, v.response[i].body);
		touch(file, v.response[i].content_type);
		touch_parts(file, v.response[i].header, v.response[i].header_n);
		touch_parts(file, v.response[i].part, v.response[i].part_n);
		for (uint32_t k = 0; k < v.response[i].chunk_n; k++)
			touched += v.response[i].chunk[k].at_us;
	}
	asy_job_view_fini(&v);
}

static void try_made(assay_span s, uint64_t n)
{
	asy_plugin_challenges c = {0};
	asy_buf copy = {0};
	if (asy_buf_add(&copy, s.ptr, s.len, NULL) == ASSAY_OK &&
		asy_ring_made_read(&copy, n, &c, NULL) == ASSAY_OK) {
		for (size_t i = 0; i < c.challenge_n; i++) {
			ASSERT(c.challenge[i].prompt.len <= s.len && c.challenge[i].meta_json.len <= s.len);
			for (uint32_t k = 0; k < c.challenge[i].part_n; k++)
				ASSERT(c.challenge[i].part[k].bytes.len <= s.len);
		}
		asy_plugin_challenges_fini(&c);
	}
	asy_buf_fini(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	asy_ring_job job;
	if (size < sizeof job + 8)
		return 0;
	memcpy(&job, data, sizeof job);
	uint64_t n = asy_get_u64le(data + sizeof job);
	data += sizeof job;
	size -= sizeof job;
	/* the file begins with the head that no offset may point into */
	uint8_t *file = calloc(1, ASY_RING_HEAD + size);
	if (file == NULL)
		return 0;
	memcpy(file + ASY_RING_HEAD, data, size);
	try_job(job, asy_span(file, ASY_RING_HEAD + size));
	try_made(asy_span(data + 8, size - 8), n % 8192);
	free(file);
	return 0;
}
