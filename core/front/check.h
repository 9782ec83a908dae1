/* front/check.h - is this machine, and this configuration, fit to run? `assay doctor` and
 * `assayd --check` are these checks. Each is one line with a remedy; nothing is changed, and
 * nothing is sent but reads of the chain, unless a probe is asked for. */
#ifndef ASY_FRONT_CHECK_H
#define ASY_FRONT_CHECK_H
#include "front/front.h"

typedef struct {
	bool json;
	const char *task; /* whose checks these are; NULL: the machine's, or of the only task */
	size_t bad_n;
	assay_status first; /* class of the first bad one, ASSAY_OK without */
	asy_buf out;
	asy_jw w;
} asy_front_checks;

typedef enum {
	ASY_CHECK_OK,
	ASY_CHECK_NOTE, /* worth knowing; a start goes well */
	ASY_CHECK_BAD
} asy_check_verdict;

/* st is the class of a bad one. */
void asy_check_say(asy_front_checks *c, const char *check, asy_check_verdict v, assay_status st,
				   const char *fmt, ...) ASSAY_PRINTF(5, 6);
/* "ok" with text where st is ASSAY_OK, else bad with the error's sentence. True when ok. */
bool asy_check_result(asy_front_checks *c, const char *check, assay_status st, const char *text,
					  const assay_err *err);

void asy_front_checks_begin(asy_front_checks *c, bool json);
/* Processor, clock, cryptography, and the programs installed beside this one. */
void asy_front_check_machine(asy_front_checks *c);
/* All that a start needs, for each task: data directory, hotkey, plugin with its configuration, challenges,
 * and, by the chain's rules, subnet, registration, clock and miners. probe: also asks some
 * miners one challenge, signed, and has their answers scored. */
typedef struct {
	const char *file;
	const asy_front_list *sets;  /* overrides, "path=value" */
	const asy_front_list *tasks; /* names; empty = all */
	bool probe;
} asy_front_check_what;
void asy_front_check_config(asy_front_checks *c, const asy_front_check_what *what);
/* Prints what is left to print. The exit code of the first bad check, 0 without one. */
int asy_front_checks_end(asy_front_checks *c);
#endif
