/* The host table as a plugin sees it: the same functions in a worker and in
 * process. Bounds whatever the plugin passes; never trusts a length, an alignment
 * or the thread it is called from. */
#include "plugin/contract.h"

#define SCRATCH_MAX ((size_t)1 << 30)
#define ALIGN_MAX ((uint64_t)4096)

static void shim_log(assay_host *h, int32_t level, const char *msg, uint64_t len)
{
	if (h == NULL || msg == NULL)
		return;
	if (level < ASSAY_LOG_ERROR || level > ASSAY_LOG_DEBUG)
		level = ASSAY_LOG_INFO;
	h->log(h->arg, level, msg, len > ASY_LOG_LINE_MAX ? ASY_LOG_LINE_MAX : (size_t)len);
}

/* A spin lock because any of the plugin's threads may fail at once and the host
 * has no thread of its own to order them; held for one short copy. */
static void lock(asy_shim *s)
{
	while (atomic_flag_test_and_set_explicit(&s->fail_lock, memory_order_acquire))
		;
}

static void unlock(asy_shim *s)
{
	atomic_flag_clear_explicit(&s->fail_lock, memory_order_release);
}

static void shim_fail(assay_host *h, const char *msg, uint64_t len)
{
	if (h == NULL || msg == NULL)
		return;
	size_t n = len > ASY_FAIL_MAX ? ASY_FAIL_MAX : (size_t)len;
	lock(h);
	memcpy(h->fail, msg, n);
	h->fail_len = n;
	unlock(h);
}

static uint64_t shim_mono_ns(assay_host *h)
{
	return h->mono_ns(h->arg);
}

static int32_t shim_cancelled(assay_host *h)
{
	return h->is_cancelled(h->arg) ? 1 : 0;
}

static void shim_random(assay_host *h, void *dst, uint64_t len)
{
	if (dst != NULL && len <= SIZE_MAX)
		h->rng.iface.fill(&h->rng.iface, dst, (size_t)len);
}

static void *shim_scratch(assay_host *h, uint64_t len, uint64_t align)
{
	if (align == 0)
		align = 16;
	if ((align & (align - 1)) != 0 || align > ALIGN_MAX || len > SCRATCH_MAX)
		return NULL;
	if (h->scratch == NULL)
		h->scratch = asy_arena_new(SCRATCH_MAX + ALIGN_MAX);
	if (h->scratch == NULL)
		return NULL;
	if (align <= 64)
		return asy_arena_take(h->scratch, (size_t)len, (size_t)align);
	/* the arena aligns to a cache line; more is rare enough to waste some */
	uint8_t *p = asy_arena_take(h->scratch, (size_t)(len + align), 64);
	if (p == NULL)
		return NULL;
	return p + ((align - ((uintptr_t)p & (align - 1))) & (align - 1));
}

void asy_shim_init(asy_shim *s, uint32_t threads, const char *cache_dir)
{
	static const uint8_t zeros[32];
	s->fail_len = 0;
	s->scratch = NULL;
	atomic_flag_clear(&s->fail_lock);
	asy_seeded_rng_init(&s->rng, zeros);
	(void)asy_str_copy(s->cache_dir, sizeof s->cache_dir, cache_dir != NULL ? cache_dir : "");
	s->api = (assay_host_api){
		.size = sizeof s->api,
		.abi = ASSAY_ABI,
		.h = s,
		.log = shim_log,
		.fail = shim_fail,
		.mono_ns = shim_mono_ns,
		.cancelled = shim_cancelled,
		.random = shim_random,
		.scratch = shim_scratch,
		.cache_dir = s->cache_dir[0] != '\0' ? s->cache_dir : NULL,
		.threads = threads != 0 ? threads : 1,
	};
}

void asy_shim_enter(asy_shim *s, const uint8_t *seed)
{
	static const uint8_t zeros[32];
	asy_seeded_rng_init(&s->rng, seed != NULL ? seed : zeros);
	lock(s);
	s->fail_len = 0;
	unlock(s);
}

void asy_shim_leave(asy_shim *s)
{
	asy_arena_free(s->scratch);
	s->scratch = NULL;
}

size_t asy_shim_take_fail(asy_shim *s, char dst[ASY_FAIL_MAX])
{
	lock(s);
	size_t n = s->fail_len;
	memcpy(dst, s->fail, n);
	s->fail_len = 0;
	unlock(s);
	return n;
}
