// SPDX-License-Identifier: Apache-2.0
	.section .rodata
	.balign 8
	.global START
	.hidden START
	.global END
	.hidden END
START:
	.incbin OBJECT
END:
	.section .note.GNU-stack, "", %progbits
