/* Prints a document made from the option table: "schema" or "man". For the script that
 * renews docs/, so that a new option is one edit and one command. */
#include <stdio.h>
#include <stdlib.h>
#include "config/config.h"

int main(int argc, char **argv)
{
	asy_buf text = {0};
	assay_err err = {0};
	assay_status st = ASSAY_E_USAGE;
	if (argc == 2 && strcmp(argv[1], "schema") == 0)
		st = asy_config_schema(&text, &err);
	else if (argc == 2 && strcmp(argv[1], "man") == 0)
		st = asy_config_man(&text, &err);
	if (st == ASSAY_E_USAGE)
		(void)fprintf(stderr, "usage: config_documents schema|man\n");
	else if (st != ASSAY_OK)
		(void)fprintf(stderr, "config_documents: %s\n", err.msg);
	else if (fwrite(text.ptr, 1, text.len, stdout) != text.len || fflush(stdout) != 0)
		st = ASSAY_E_IO;
	asy_buf_fini(&text);
	return assay_status_exit(st);
}
