/* Asker: questions wait in a queue under a lock; the thread's loop runs a few at a time.
 * A program gets its question as a file on standard input, so that it may read it or
 * not, and runs in a process group of its own, so that nothing of it outlives its time.
 * Reason to change: as asker.h. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "http/http.h"
#include "localnet/asker.h"

/* A question that is being asked. */
typedef struct asking {
	lnet_asker *asker;
	lnet_question *q;
	struct asking *next;
	/* a program */
	int pid, out_fd;
	asy_watch *child, *out, *timer;
	bool late, large;
	/* a server */
	asy_http_call *call;
} asking;

struct lnet_asker {
	pthread_t thread;
	atomic_bool stop;
	pthread_mutex_t lock; /* of in and out */
	lnet_question *in, **in_end, *out, **out_end;
	int wake_fd;
	asy_loop *loop;
	asy_http *http;
	asy_watch *wake;
	asking *first; /* under way */
	size_t busy;
	char folder[LNET_PATH_MAX];
	void (*notify)(void *);
	void *arg;
};

void asy_lnet_question_free(lnet_question *q)
{
	if (q == NULL)
		return;
	asy_buf_fini(&q->body);
	asy_buf_fini(&q->answer);
	free(q);
}

/* ---- the two queues ---- */

static void push(lnet_asker *a, lnet_question ***end, lnet_question *q)
{
	q->next = NULL;
	(void)pthread_mutex_lock(&a->lock);
	**end = q;
	*end = &q->next;
	(void)pthread_mutex_unlock(&a->lock);
}

static lnet_question *pop(lnet_asker *a, lnet_question **first, lnet_question ***end)
{
	(void)pthread_mutex_lock(&a->lock);
	lnet_question *q = *first;
	if (q != NULL && (*first = q->next) == NULL)
		*end = first;
	(void)pthread_mutex_unlock(&a->lock);
	return q;
}

static void wake(lnet_asker *a)
{
	uint64_t one = 1;
	ssize_t n = write(a->wake_fd, &one, sizeof one); /* a full counter means that it is awake */
	(void)n;
}

void asy_lnet_asker_give(lnet_asker *a, lnet_question *q)
{
	push(a, &a->in_end, q);
	wake(a);
}

lnet_question *asy_lnet_asker_take(lnet_asker *a)
{
	return pop(a, &a->out, &a->out_end);
}

/* ---- the end of a question ---- */

static void ask_next(lnet_asker *a);

/* The one way out: the question goes back. */
static void finish(asking *k)
{
	lnet_asker *a = k->asker;
	asking **at = &a->first;
	while (*at != k)
		at = &(*at)->next;
	*at = k->next;
	a->busy--;
	if (k->out_fd >= 0)
		(void)close(k->out_fd);
	push(a, &a->out_end, k->q);
	free(k);
	a->notify(a->arg);
}

/* ---- a server ---- */

static void on_answer(void *arg, asy_http_result *res)
{
	asking *k = arg;
	lnet_asker *a = k->asker;
	lnet_question *q = k->q;
	if (res->cls == ASY_HTTP_ANSWERED && res->status >= 200 && res->status <= 299) {
		q->answer = res->body;
		res->body = (asy_buf){0};
		q->st = ASSAY_OK;
	} else if (res->cls == ASY_HTTP_ANSWERED) {
		q->st =
			ASSAY_FAIL(&q->err, E_NET, "%.200s answers with status %d", q->spec->text, res->status);
	} else {
		q->st = ASSAY_FAIL(&q->err, E_NET, "%.200s: %s", q->spec->text, res->detail);
	}
	finish(k);
	ask_next(a);
}

static assay_status ask_server(asking *k, assay_err *err)
{
	static const asy_http_header json = {"content-type", "application/json"};
	const asy_http_req req = {.url = k->q->spec->text,
							  .headers = &json,
							  .headers_n = 1,
							  .body = asy_buf_span(&k->q->body),
							  .timeout_ms = k->q->spec->timeout_ms,
							  .max_response_bytes = LNET_ANSWER_MAX,
							  .allow_private = true};
	return asy_http_start(k->asker->http, &req, on_answer, k, &k->call, err);
}

/* ---- a program ---- */

static void kill_group(const asking *k)
{
	(void)kill(-k->pid, SIGKILL);
}

static void stop_watching_output(asking *k)
{
	asy_watch_cancel(k->out);
	k->out = NULL;
}

/* Reads what there is. */
static void read_output(asking *k)
{
	char block[65536];
	ssize_t n;
	while ((n = read(k->out_fd, block, sizeof block)) > 0) {
		if (k->q->answer.len + (size_t)n > LNET_ANSWER_MAX ||
			asy_buf_add(&k->q->answer, block, (size_t)n, NULL) != ASSAY_OK) {
			k->large = true;
			kill_group(k);
			stop_watching_output(k);
			return;
		}
	}
	if (n == 0)
		stop_watching_output(k);
}

static void on_output(void *arg, int events)
{
	(void)events;
	read_output(arg);
}

static void on_late(void *arg, assay_status st)
{
	asking *k = arg;
	k->timer = NULL;
	if (st != ASSAY_OK)
		return;
	k->late = true;
	kill_group(k);
}

static assay_status judge(const asking *k, int wait_status, assay_err *err)
{
	const char *program = k->q->spec->text;
	if (k->late)
		return ASSAY_FAIL(err, E_TIMEOUT, "%.200s gave no answer within %u ms", program,
						  k->q->spec->timeout_ms);
	if (k->large)
		return ASSAY_FAIL(err, E_LIMIT, "%.200s printed more than %d bytes", program,
						  LNET_ANSWER_MAX);
	if (WIFSIGNALED(wait_status))
		return ASSAY_FAIL(err, E_IO, "%.200s was ended by signal %d", program,
						  WTERMSIG(wait_status));
	if (WEXITSTATUS(wait_status) != 0)
		return ASSAY_FAIL(err, E_IO, "%.200s ended with status %d", program,
						  WEXITSTATUS(wait_status));
	return ASSAY_OK;
}

static void on_ended(void *arg, assay_status st, int wait_status)
{
	asking *k = arg;
	lnet_asker *a = k->asker;
	lnet_question *q = k->q;
	k->child = NULL;
	kill_group(k); /* what it left behind may hold its output open */
	if (st == ASSAY_OK && k->out != NULL)
		read_output(k);
	stop_watching_output(k);
	asy_watch_cancel(k->timer);
	q->st = st != ASSAY_OK ? ASSAY_FAIL(&q->err, E_CANCELLED, "stopped")
						   : judge(k, wait_status, &q->err);
	if (st != ASSAY_OK) /* cancelled: nobody else reaps it */
		(void)waitpid(k->pid, NULL, 0);
	finish(k);
	ask_next(a);
}

/* Standard input: the question, as a file that lies in memory. */
static int question_fd(const lnet_question *q)
{
	int fd = memfd_create("question", MFD_CLOEXEC);
	size_t at = 0;
	while (fd >= 0 && at < q->body.len) {
		ssize_t n = write(fd, q->body.ptr + at, q->body.len - at);
		if (n <= 0) {
			(void)close(fd);
			return -1;
		}
		at += (size_t)n;
	}
	if (fd >= 0)
		(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

/* Runs the program with its standard input and output; 0, or why not. */
static int spawn(const asking *k, int in, int out, int *pid)
{
	const lnet_answers_spec *spec = k->q->spec;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, standard;
	char *argv[LNET_WORDS_MAX + 1] = {NULL};
	const char *word = spec->text;
	for (size_t i = 0; i < spec->words; i++, word += strlen(word) + 1)
		argv[i] = (char *)(uintptr_t)word;
	(void)sigemptyset(&none);
	(void)sigemptyset(&standard);
	(void)sigaddset(&standard, SIGPIPE);
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
											  POSIX_SPAWN_SETSIGDEF);
	(void)posix_spawnattr_setpgroup(&attr, 0);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setsigdefault(&attr, &standard);
	int rc = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	if (rc == 0)
		rc = posix_spawn_file_actions_addchdir_np(&files, k->asker->folder);
	if (rc == 0)
		rc = posix_spawnp(pid, argv[0], &files, &attr, argv, environ);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attr);
	return rc;
}

static assay_status watch_program(asking *k, assay_err *err)
{
	lnet_asker *a = k->asker;
	assay_status st = asy_loop_child(a->loop, k->pid, on_ended, k, &k->child, err);
	if (st != ASSAY_OK) {
		kill_group(k);
		(void)waitpid(k->pid, NULL, 0);
		return st;
	}
	/* From here on the child's end ends the question. */
	if (asy_loop_fd(a->loop, k->out_fd, ASY_READABLE, on_output, k, &k->out, NULL) != ASSAY_OK ||
		asy_loop_timer(a->loop, k->q->spec->timeout_ms * UINT64_C(1000000), on_late, k, &k->timer,
					   NULL) != ASSAY_OK)
		kill_group(k);
	return ASSAY_OK;
}

static assay_status ask_program(asking *k, assay_err *err)
{
	int ends[2];
	int in = question_fd(k->q);
	if (in < 0 || pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
		int saved = errno;
		if (in >= 0)
			(void)close(in);
		return ASSAY_FAIL(err, E_IO, "cannot ask a program: %s", strerror(saved));
	}
	/* The program's end blocks as programs expect; only ours does not. */
	(void)fcntl(ends[1], F_SETFL, 0);
	int rc = spawn(k, in, ends[1], &k->pid);
	(void)close(in);
	(void)close(ends[1]);
	k->out_fd = ends[0];
	if (rc != 0)
		return ASSAY_FAIL(err, E_NOTFOUND, "cannot run %.200s in %.200s: %s", k->q->spec->text,
						  k->asker->folder, strerror(rc));
	return watch_program(k, err);
}

/* ---- the thread ---- */

static void ask(lnet_asker *a, lnet_question *q)
{
	asking *k = asy_calloc(1, sizeof *k);
	if (k == NULL) {
		q->st = ASSAY_FAIL(&q->err, E_NOMEM, "question");
		push(a, &a->out_end, q);
		a->notify(a->arg);
		return;
	}
	*k = (asking){.asker = a, .q = q, .next = a->first, .out_fd = -1};
	a->first = k;
	a->busy++;
	q->st =
		q->spec->kind == LNET_ANSWERS_COMMAND ? ask_program(k, &q->err) : ask_server(k, &q->err);
	if (q->st != ASSAY_OK)
		finish(k);
}

static void ask_next(lnet_asker *a)
{
	lnet_question *q;
	while (!atomic_load(&a->stop) && a->busy < LNET_ASKED_AT_ONCE &&
		   (q = pop(a, &a->in, &a->in_end)) != NULL)
		ask(a, q);
}

static void on_wake(void *arg, int events)
{
	lnet_asker *a = arg;
	uint64_t count;
	(void)events;
	ssize_t n = read(a->wake_fd, &count, sizeof count);
	(void)n;
	ask_next(a);
}

static bool is_over(void *arg)
{
	return atomic_load(&((lnet_asker *)arg)->stop);
}

static void *run(void *arg)
{
	lnet_asker *a = arg;
	/* the only way out is stop */
	(void)!asy_loop_run_until(a->loop, is_over, a, ASY_NEVER); /* edge: a thread's main */
	while (a->first != NULL) {
		asking *k = a->first;
		if (k->call != NULL)
			asy_http_cancel(k->call, ASY_HTTP_CANCELLED);
		else {
			kill_group(k);
			asy_watch_cancel(k->child);
		}
	}
	return NULL;
}

static void free_all(lnet_question *q)
{
	while (q != NULL) {
		lnet_question *next = q->next;
		asy_lnet_question_free(q);
		q = next;
	}
}

static void asker_free(lnet_asker *a)
{
	asy_watch_cancel(a->wake);
	asy_http_free(a->http);
	asy_loop_free(a->loop);
	if (a->wake_fd >= 0)
		(void)close(a->wake_fd);
	free_all(a->in);
	free_all(a->out);
	(void)pthread_mutex_destroy(&a->lock);
	free(a);
}

assay_status asy_lnet_asker_start(const char *folder, void (*notify)(void *), void *arg,
								  lnet_asker **out, assay_err *err)
{
	lnet_asker *a = asy_calloc(1, sizeof *a);
	if (a == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "asker");
	a->notify = notify;
	a->arg = arg;
	a->in_end = &a->in;
	a->out_end = &a->out;
	a->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)pthread_mutex_init(&a->lock, NULL);
	assay_status st = a->wake_fd >= 0 ? ASSAY_OK : ASSAY_FAIL(err, E_IO, "eventfd");
	if (st == ASSAY_OK && !asy_str_copy(a->folder, sizeof a->folder, folder))
		st = ASSAY_FAIL(err, E_LIMIT, "path too long: %.200s", folder);
	if (st == ASSAY_OK)
		st = asy_loop_new(&a->loop, err);
	if (st == ASSAY_OK)
		st = asy_http_new(a->loop, NULL, &a->http, err);
	if (st == ASSAY_OK)
		st = asy_loop_fd(a->loop, a->wake_fd, ASY_READABLE, on_wake, a, &a->wake, err);
	if (st == ASSAY_OK && pthread_create(&a->thread, NULL, run, a) != 0)
		st = ASSAY_FAIL(err, E_NOMEM, "cannot start the asker's thread");
	if (st != ASSAY_OK) {
		asker_free(a);
		return st;
	}
	*out = a;
	return ASSAY_OK;
}

void asy_lnet_asker_stop(lnet_asker *a)
{
	if (a == NULL)
		return;
	atomic_store(&a->stop, true);
	wake(a);
	(void)pthread_join(a->thread, NULL);
	asker_free(a);
}
