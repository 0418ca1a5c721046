; What the sequencer of compact_accelerator does: registers for the bridge, commands in program order.
; Every command ends before the next begins, so that no fence need be waited for. docs/boards.md says
; which commands there are.
;
; Ports, in: 0 request {write, valid}, 1 address of the register, 2, 3 data of a write, 4 result of the
; scaler (-16,384..16,383), 5 the bit below it, 6 entry of the table (and goes on to the next), 7 something
; moves, 8 cycles, low half (takes both), 9 their high half, 10, 11 CRC of the entries read.
; Ports, out: 0, 1 answer, 2 ends a request (1: refused), 3-5 value of the scaler, 6 factor, 7 shift,
; 8-11 element and address of the first operand, step and length of a row, 12 the row exists,
; 13 starts a row of so many positions, 14 rows of the array in use, starts a tile, 15 starts sums,
; 16 weight (bit 15: last of its row), 17 columns in use and bits 8, 9: log weights, log activations,
; 18, 19 largest sum, 20 entry of the table, 21 writes it, 22 broadcasts a row, 23 interrupt, 24 lamps,
; 25 starts the CRC.

.var memory_bytes
.var start_wanted        ; these six are cleared by a reset
.var reset_wanted
.var busy
.var weights_head
.var weights_count
.var open                ; 4: a reduction has begun and not ended
.var command 32          ; halves of the present command
.var registers_index
.var low
.var high
.var pointer
.var left
.var command_pointer
.var commands_left
.var command_index
.var activation_mask
.var output_mask
.var parameter_mask
.var bytes
.var byte_pointer
.var place
.var row_place
.var element
.var elements_left
.var rows_left
.var format
.var word
.var kernel_rows_left
.var runs_left
.var chunks_left
.var run_u
.var tile_u
.var tile_place
.var tile_y
.var ring
.var y
.var positions
.var channels
.var mode
.var first
.var used_rows
.var array_row
.var column
.var weight_address
.var weight_rows
.var weight_format
.var queue 32            ; eight pending loads of weights: address, rows, format, -
.var queue_place
.var sum_place
.var channel
.var parameter
.var output
.var value
.var lowest
.var highest
.var best
.var tap_rows_left
.var tap_columns_left
.var column_u
.var tap_u
.var tap_ring
.var tap_y
.var window_rows
.var window_columns
.var columns_left
.var step
.var patience_low
.var patience_high
.var scaled
.var begin_low
.var begin_high

.const one 1
.const two 2
.const four 4
.const eight 8
.const sixteen 16
.const mask3 3
.const mask6 63
.const mask7 127
.const mask8 255
.const bit5 0x20
.const bit6 0x40
.const bit7 0x80
.const bit8 0x100
.const bit15 0x8000
.const k256 256
.const top7 0x7f00
.const c34 34
.const c64 64
.const c90 90
.const c126 126
.const c128 128
.const c196 196
.const space_activations 0x4000
.const space_output 0x5000
.const space_parameters 0x6000
.const space_sums_low 0x8000
.const space_sums_high 0x9000
.const space_own 0xf000
.const queue_start OWN(queue)
.const command_start OWN(command)
.const fill_start 0xf1c0    ; the last 64 words: magnitudes of a tile
.const op_activations FIELD(OPCODE.LOAD_ACTIVATIONS)
.const op_weights FIELD(OPCODE.LOAD_WEIGHTS)
.const op_parameters FIELD(OPCODE.LOAD_PARAMETERS)
.const op_table FIELD(OPCODE.LOAD_TABLE)
.const op_store FIELD(OPCODE.STORE)
.const op_convolve FIELD(OPCODE.CONVOLVE)
.const op_maximum FIELD(OPCODE.MAXIMUM)
.const watchdog_low 0x4240
.const watchdog_high 0x000f
.const minus_127 -127
.const n127 127
.const minus_256 -256
.const cycles_of_wait 96
.const top_sum 0x7fff
.const wrong_code 0x0002
.const lut 2

; ------------------------------------------------------------------ reset
boot:
  LDI 0
  OUT 23
  LDI 64                 ; registers from CONTROL on
  ST pointer
  LDI 26
  CALL clear
  LDI start_wanted
  ST pointer
  LDI 6
  CALL clear
  CALL clear_counters
  LD watchdog_low
  ST REG(WATCHDOG)
  LD watchdog_high
  ST REG(WATCHDOG) + 1
  LD REG(ACTIVATION_DEPTH)
  SUB one
  ST activation_mask
  LD REG(OUTPUT_DEPTH)
  SUB one
  ST output_mask
  LD REG(PARAMETER_DEPTH)
  SUB one
  ST parameter_mask
  LDI 1
  OUT 24
idle:
  CALL poll
  LD reset_wanted
  JNZ boot
  LD start_wanted
  JZ idle
  JMP run

; All counters to 0; so many words as A says from `pointer` on.
clear_counters:
  LD c128
  ST pointer
  LDI 68
clear:
  ST left
  LD pointer
  ADD space_own
  ST pointer
clear_next:
  LDI 0
  STX pointer
  INC pointer
  DEC left
  JNZ clear_next
  RET

; ------------------------------------------------------------------ registers
; Answers a request of the bridge, if there is one.
poll:
  IN 0
  AND one
  JZ done
  IN 1
  SHR
  ST registers_index
  ADD space_own
  ST pointer
  IN 0
  AND two
  JNZ write
  ; addresses 0x000-0x007, 0x010-0x043, 0x080-0x0b3, 0x100-0x187
  LD registers_index
  SUB c196
  JC refuse
  ADD c196
  SUB c128
  JC answer
  LD registers_index
  SUB c90
  JC refuse
  ADD c90
  SUB c64
  JC answer
  LD registers_index
  SUB c34
  JC refuse
  ADD c34
  SUB eight
  JC answer
  LD registers_index
  SUB four
  JC refuse
answer:
  LDX pointer
  OUT 0
  INC pointer
  LDX pointer
  OUT 1
  LDI 0
  OUT 2
done:
  RET
refuse:
  LDI 1
  OUT 2
  RET
write:
  IN 2
  ST low
  IN 3
  ST high
  LD registers_index
  SUB r_scratch
  JZ write_plain
  LD registers_index
  SUB r_watchdog
  JZ write_plain
  LD registers_index
  SUB r_enable
  JZ write_enable
  LD registers_index
  SUB r_interrupt
  JZ write_interrupt
  LD registers_index
  SUB r_control
  JZ write_control
  LD busy
  JNZ refuse
  LD registers_index
  SUB r_base
  JZ write_base
  LD registers_index
  SUB r_count
  JZ write_count
  LD registers_index
  SUB r_table
  JNZ refuse
  LD low
  ST REG(TABLE_ADDRESS)
  OUT 20
  IN 6
  ST REG(TABLE_DATA)
  JMP accept
write_plain:
  LD low
  STX pointer
  INC pointer
  LD high
  STX pointer
  JMP accept
write_base:
  LD low
  AND not63
  ST low
  JMP write_plain
write_count:
  LD high
  LOW
  ST high
  JMP write_plain
write_enable:
  LD low
  AND mask3
  ST REG(INTERRUPT_ENABLE)
  CALL interrupt
  JMP accept
write_interrupt:          ; a 1 clears
  LD low
  AND mask3
  ST low
  LDI 3
  SUB low
  AND REG(INTERRUPT_STATUS)
  ST REG(INTERRUPT_STATUS)
  CALL interrupt
accept:
  LDI 0
  OUT 2
  RET
interrupt:
  LD REG(INTERRUPT_STATUS)
  AND REG(INTERRUPT_ENABLE)
  OUT 23
  RET
write_control:
  LD low
  AND two
  JNZ wants_reset
  LD low
  AND nine
  JZ accept              ; SNAPSHOT: the counters stand still between runs
  LD busy
  JNZ refuse
  LD low
  AND eight
  JNZ check_table
  LD REG(STATUS)
  AND four               ; an error is held
  JNZ refuse
  LDI 1
  ST start_wanted
  ST busy
  ST REG(STATUS)
  JMP accept
wants_reset:
  LD low
  AND one
  JNZ refuse
  LDI 1
  ST reset_wanted
  LDI 16
  ST REG(STATUS)
  JMP accept
; The checksum is there when the write is answered.
check_table:
  LDI 0
  OUT 20
  OUT 25
  ST left
  LD REG(PE_KIND)
  SUB lut
  JNZ accept
check_next:
  IN 6
  DEC left
  JNZ check_next
  IN 10
  ST REG(TABLE_CRC)
  IN 11
  ST REG(TABLE_CRC) + 1
  JMP accept

; ------------------------------------------------------------------ a run
run:
  LDI 0
  ST start_wanted
  CALL clear_counters
  LDI 3
  OUT 24
  IN 8
  ST begin_low
  IN 9
  ST begin_high
  LD REG(COMMAND_BASE)
  ST command_pointer
  LD REG(COMMAND_COUNT)
  ST commands_left
  LDI 0
  ST command_index
  LD REG(COMMAND_BASE) + 1
  OR REG(COMMAND_COUNT) + 1
  JNZ fetch_error
next_command:
  CALL poll
  LD reset_wanted
  JNZ boot
  LD commands_left
  JZ run_done
  LD command_pointer
  ST low
  LD c64
  ST bytes
  CALL check_range
  JNZ fetch_error
  LD command_pointer
  SHR
  ST place
  LD command_start
  ST pointer
  LDI 32
  ST left
copy_command:
  LDX place
  STX pointer
  INC place
  INC pointer
  DEC left
  JNZ copy_command
  LD command
  LOW
  ST word
  SUB op_activations
  JZ load_activations
  LD word
  SUB op_weights
  JZ load_weights
  LD word
  SUB op_parameters
  JZ load_parameters
  LD word
  SUB op_table
  JZ load_table
  LD word
  SUB op_store
  JZ store
  LD word
  SUB op_convolve
  JZ convolve
  LD word
  SUB op_maximum
  JZ maximum
  LD word
  ST REG(ERROR_DETAIL)
  LDI 1                  ; ERROR.OPCODE
  JMP error
command_done:
  LD command_pointer
  ADD c64
  ST command_pointer
  INC command_index
  ST REG(COUNT_COMMANDS)
  DEC commands_left
  JMP next_command
run_done:
  CALL run_ends
  LDI 2                  ; DONE
  ST REG(STATUS)
  LDI 1
  JMP raise
fetch_error:
  LDI 0
  JMP read_error
read_error_activations:
  LD k256
  JMP read_error
read_error_others:
  LD c512
read_error:              ; client in bits 9..8, DECERR
  OR mask3
  ST REG(ERROR_DETAIL)
  LDI 3                  ; ERROR.READ
  JMP error
write_error:
  LDI 3
  ST REG(ERROR_DETAIL)
  LDI 4                  ; ERROR.WRITE
  JMP error
field_error:             ; word in A
  ST REG(ERROR_DETAIL)
  LDI 2
  JMP error
compute_error:           ; the core's code in A
  ST REG(ERROR_DETAIL)
  LDI 6
error:                   ; code in A
  ST word
  CALL run_ends
  LD command_index
  ST REG(ERROR_COMMAND)
  LD word
  SHL4
  SHL4
  OR four                ; ERROR
  ST REG(STATUS)
  LDI 7
  OUT 24
  LDI 2
raise:
  OR REG(INTERRUPT_STATUS)
  ST REG(INTERRUPT_STATUS)
  CALL interrupt
  LDI 0
  ST busy
  JMP idle
run_ends:
  IN 8
  SUB begin_low
  ST REG(COUNT_CYCLES)
  IN 9
  JC no_borrow
  SUB one
no_borrow:
  SUB begin_high
  ST REG(COUNT_CYCLES) + 1
  LDI 1
  OUT 24
  RET

; Whether `bytes` bytes from `low` on, whose high half is 0, lie in memory: 0 in A if they do.
check_range:
  LD low
  ADD bytes
  JC range_bad
  ST scaled
  LD memory_bytes
  SUB scaled
  JC range_good
range_bad:
  LDI 1
  RET
range_good:
  LDI 0
  RET

; ------------------------------------------------------------------ loads and stores
; Bytes of a row of `elements_left` operands in `format`, more than 65,535 never fit.
row_bytes:
  LD elements_left
  ST bytes
  LD format
  SUB two
  JNZ row_bytes_done
  LD elements_left
  SHL
  ST bytes
row_bytes_done:
  RET

; The operand at byte_pointer, which goes on: {sign, magnitude} in A.
operand:
  LD byte_pointer
  SHR
  ST pointer
  LDX pointer
  ST word
  LD format
  SUB two
  JZ operand_wide
  LD byte_pointer
  AND one
  JNZ operand_odd
  LD word
  LOW
  JMP operand_byte
operand_odd:
  LD word
  HIGH
operand_byte:
  ST word
  INC byte_pointer
  LD format
  SUB one
  JZ operand_positive    ; UNSIGNED8
  LD word
  AND bit7
  JZ operand_positive
  LD format
  JNZ operand_log
  LD k256
  SUB word
  OR bit8
  RET
operand_log:
  LD word
  AND mask7
  JZ operand_zero
  OR bit8
operand_zero:
  RET
operand_positive:
  LD word
  RET
operand_wide:
  LD byte_pointer
  ADD two
  ST byte_pointer
  LD word
  JN operand_negative
  RET
operand_negative:
  LDI 0
  SUB word
  LOW
  OR bit8
  RET

load_activations:
  LD FIELD(LOAD_ACTIVATIONS.FORMAT)
  AND mask3
  ST format
  LD FIELD(LOAD_ACTIVATIONS.ROWS)
  ST rows_left
  JNZ load_rows_good
  LDI 6
  JMP field_error
load_rows_good:
  LD FIELD(LOAD_ACTIVATIONS.DESTINATION)
  ST row_place
load_row:
  LD FIELD(LOAD_ACTIVATIONS.ELEMENTS)
  ST elements_left
  CALL row_bytes
  LD FIELD(LOAD_ACTIVATIONS.ADDRESS)
  ST low
  ST byte_pointer
  CALL check_range
  OR FIELD(LOAD_ACTIVATIONS.ADDRESS) + 1
  OR FIELD(LOAD_ACTIVATIONS.ELEMENTS) + 1
  JNZ read_error_activations
  LD row_place
  ST element
load_element:
  CALL operand
  ST value
  LD element
  AND activation_mask
  OR space_activations
  ST pointer
  LD value
  STX pointer
  INC element
  DEC elements_left
  JNZ load_element
  LD FIELD(LOAD_ACTIVATIONS.ADDRESS)
  ADD FIELD(LOAD_ACTIVATIONS.PITCH)
  ST FIELD(LOAD_ACTIVATIONS.ADDRESS)
  LD FIELD(LOAD_ACTIVATIONS.ADDRESS) + 1
  ADC FIELD(LOAD_ACTIVATIONS.PITCH) + 1
  ST FIELD(LOAD_ACTIVATIONS.ADDRESS) + 1
  LD row_place
  ADD FIELD(LOAD_ACTIVATIONS.DESTINATION_PITCH)
  ST row_place
  DEC rows_left
  JNZ load_row
  JMP command_done

; Weights stay in memory until a convolution wants them.
load_weights:
  LD weights_count
  SUB eight
  JZ weights_too_many
  LD FIELD(LOAD_WEIGHTS.ADDRESS) + 1
  OR FIELD(LOAD_WEIGHTS.ROWS) + 1
  JNZ read_error_others
  LD FIELD(LOAD_WEIGHTS.ROWS)
  JNZ weight_rows_good
  LDI 5
  JMP field_error
weight_rows_good:
  LD weights_head
  ADD weights_count
  AND seven
  CALL queue_entry
  LD FIELD(LOAD_WEIGHTS.ADDRESS)
  STX queue_place
  INC queue_place
  LD FIELD(LOAD_WEIGHTS.ROWS)
  STX queue_place
  INC queue_place
  LD FIELD(LOAD_WEIGHTS.FORMAT)
  AND mask3
  STX queue_place
  INC weights_count
  JMP command_done
weights_too_many:
  LDI 2
  JMP compute_error
queue_entry:             ; number in A
  SHL
  SHL
  ADD queue_start
  ST queue_place
  RET

load_parameters:
  LD FIELD(LOAD_PARAMETERS.CHANNELS)
  ST left
  LD FIELD(LOAD_PARAMETERS.FIRST)
  ST channel
  LD FIELD(LOAD_PARAMETERS.ADDRESS)
  ST low
load_channel:
  LD sixteen
  ST bytes
  CALL check_range
  OR FIELD(LOAD_PARAMETERS.ADDRESS) + 1
  JNZ read_error_others
  LD channel
  AND parameter_mask
  SHL
  SHL
  SHL
  OR space_parameters
  ST place
  LD low
  SHR
  ST pointer
  LDI 8
  ST elements_left
load_half:
  LDX pointer
  STX place
  INC pointer
  INC place
  DEC elements_left
  JNZ load_half
  LD low
  ADD sixteen
  ST low
  INC channel
  DEC left
  JNZ load_channel
  JMP command_done

load_table:
  LD FIELD(LOAD_TABLE.ENTRIES) + 1
  OR FIELD(LOAD_TABLE.ADDRESS) + 1
  JNZ read_error_others
  LD FIELD(LOAD_TABLE.ENTRIES)
  JN read_error_others
  ST left
  SHL
  ST bytes
  LD FIELD(LOAD_TABLE.ADDRESS)
  ST low
  CALL check_range
  JNZ read_error_others
  LD low
  SHR
  ST pointer
  LD FIELD(LOAD_TABLE.FIRST)
  OUT 20
load_entry:
  LDX pointer
  OUT 21
  INC pointer
  DEC left
  JNZ load_entry
  JMP command_done

store:
  LD FIELD(STORE.FORMAT)
  AND mask3
  ST format
  LD FIELD(STORE.ROWS)
  ST rows_left
  LD FIELD(STORE.SOURCE)
  ST row_place
store_row:
  LD FIELD(STORE.ELEMENTS)
  ST elements_left
  CALL row_bytes
  LD FIELD(STORE.ADDRESS)
  ST low
  ST byte_pointer
  CALL check_range
  OR FIELD(STORE.ADDRESS) + 1
  OR FIELD(STORE.ELEMENTS) + 1
  JNZ write_error
  LD row_place
  ST element
store_element:
  LD element
  AND output_mask
  OR space_output
  ST pointer
  LDX pointer
  ST value
  LD byte_pointer
  SHR
  ST pointer
  LD format
  SUB two
  JZ store_wide
  LD format
  SUB one
  JZ store_unsigned
  LD format
  JNZ store_log
  LD value
  JN store_negative      ; INT8: saturates
  SUB n127
  JN store_value
  LD n127
  JMP store_byte
store_negative:
  SUB minus_127
  JN store_least
store_value:
  LD value
  JMP store_byte
store_least:
  LD minus_127
  JMP store_byte
store_unsigned:
  LD value
  JN store_zero
  JMP store_byte
store_zero:
  LDI 0
  JMP store_byte
store_log:
  LD value
  JN store_log_negative
  AND mask7
  JMP store_byte
store_log_negative:
  LDI 0
  SUB value
  AND mask7
  OR bit7
store_byte:
  LOW
  ST value
  LDX pointer
  ST word
  LD byte_pointer
  AND one
  JNZ store_odd
  LD word
  HIGH
  CALL to_high
  OR value
  JMP store_word
store_odd:
  LD value
  CALL to_high
  ST value
  LD word
  LOW
  OR value
store_word:
  STX pointer
  LD byte_pointer
  ADD one
  JMP store_next
store_wide:
  LD value
  STX pointer
  LD byte_pointer
  ADD two
store_next:
  ST byte_pointer
  INC element
  DEC elements_left
  JNZ store_element
  LD FIELD(STORE.ADDRESS)
  ADD FIELD(STORE.PITCH)
  ST FIELD(STORE.ADDRESS)
  LD FIELD(STORE.ADDRESS) + 1
  ADC FIELD(STORE.PITCH) + 1
  ST FIELD(STORE.ADDRESS) + 1
  LD row_place
  ADD FIELD(STORE.SOURCE_PITCH)
  ST row_place
  DEC rows_left
  JNZ store_row
  JMP command_done
to_high:
  SHL4
  SHL4
  RET

; ------------------------------------------------------------------ what compute commands share
; Checks of the ring and the bounds, and those bounds. Ends in an error or comes back.
geometry:
  LD FIELD(CONVOLVE.RING_FIRST)
  SUB FIELD(CONVOLVE.RING_SIZE)
  JC ring_bad
  LD FIELD(CONVOLVE.RING_ROW_STEP)
  SUB FIELD(CONVOLVE.RING_SIZE)
  JC ring_bad
  LD FIELD(CONVOLVE.RING_TAP_STEP)
  SUB FIELD(CONVOLVE.RING_SIZE)
  JC ring_bad
  LD FIELD(CONVOLVE.RING_BASE)
  ADD FIELD(CONVOLVE.RING_SIZE)
  JC ring_bad
  ST word
  LD REG(ACTIVATION_DEPTH)
  SHR4
  SUB word
  JC ring_good
ring_bad:
  LDI 4
  JMP compute_error
ring_good:
  LD FIELD(CONVOLVE.ROWS)
  JZ size_bad
  LD FIELD(CONVOLVE.COLUMNS)
  JZ size_bad
  LD FIELD(CONVOLVE.LOWEST)
  CALL bound
  ST lowest
  LD FIELD(CONVOLVE.HIGHEST)
  CALL bound
  ST highest
  SUB lowest
  JN bounds_bad
  LD FIELD(CONVOLVE.U_FIRST) + 1   ; 24 bits: the high byte is the sign of the low half
  LOW
  JZ u_positive
  SUB mask8
  JNZ u_bad
  LD FIELD(CONVOLVE.U_FIRST)
  JN u_good
u_bad:
  LDI 11
  JMP field_error
u_positive:
  LD FIELD(CONVOLVE.U_FIRST)
  JN u_bad
u_good:
  RET
size_bad:
  LDI 2
  JMP compute_error
bounds_bad:
  LDI 7
  JMP compute_error
bound:                   ; nine bits from bit 6 on, signed
  AND bits_of_bound
  SHL
  ASR
  ASR
  ASR
  ASR
  ASR
  ASR
  ASR
  RET
; In the ring: ring + step, modulo the size.
ring_step:
  LD ring
  ADD step
  ST ring
  SUB FIELD(CONVOLVE.RING_SIZE)
  JC ring_wraps
  RET
ring_wraps:
  ST ring
  RET
; A in lowest..highest, to the output buffer at `output`, which goes on.
result:
  ST value
  SUB lowest
  JN result_low
  LD highest
  SUB value
  JN result_high
  JMP result_store
result_low:
  LD lowest
  ST value
  JMP result_store
result_high:
  LD highest
  ST value
result_store:
  LD output
  AND output_mask
  OR space_output
  ST pointer
  LD value
  STX pointer
  INC output
  RET
; So many ones as A says, 1 at least.
ones:
  ST left
  LDI 0
ones_next:
  SHL
  OR one
  ST word
  DEC left
  JZ ones_done
  LD word
  JMP ones_next
ones_done:
  LD word
  RET
wait_quiet:
  IN 7
  JNZ wait_quiet
  RET

; ------------------------------------------------------------------ CONVOLVE
convolve:
  CALL geometry
  LD FIELD(CONVOLVE.KERNEL_ROWS)
  LOW
  ST kernel_rows_left
  JZ size_bad
  LD FIELD(CONVOLVE.RUNS)
  HIGH
  JZ size_bad
  LD FIELD(CONVOLVE.CHUNKS)
  JZ size_bad
  LD FIELD(CONVOLVE.LAST_ROWS)
  AND mask6
  JZ tile_bad
  ST used_rows
  LD REG(ROWS)
  SUB used_rows
  JN tile_bad
  LD FIELD(CONVOLVE.CHANNELS)
  SHR4
  SHR
  SHR
  AND mask6
  JZ tile_bad
  ST channels
  LD REG(COLUMNS)
  SUB channels
  JN tile_bad
  LD FIELD(CONVOLVE.LOG_OUTPUT)
  AND bit5
  JNZ log_output_bad
  LD REG(PE_KIND)
  SUB one
  JZ logs_good
  LD FIELD(CONVOLVE.LOG_WEIGHTS)
  AND bits_of_logs
  JZ logs_good
  LDI 9
  JMP compute_error
tile_bad:
  LDI 3
  JMP compute_error
log_output_bad:
  LDI 6
  JMP field_error
logs_good:
  ; positions, at most so many as there are sums
  LD FIELD(CONVOLVE.ROWS)
  ST left
  LDI 0
  ST positions
count_positions:
  LD positions
  ADD FIELD(CONVOLVE.COLUMNS)
  JC positions_bad
  ST positions
  LD REG(SUM_DEPTH)
  SUB positions
  JC positions_fit
positions_bad:
  LDI 10
  JMP compute_error
positions_fit:
  DEC left
  JNZ count_positions
  ; FIRST must be 1 if no reduction is open, 0 if one is
  LD FIELD(CONVOLVE.FIRST)
  AND four
  ST first
  ADD open
  SUB four
  JZ reduction_good
  LDI 6
  JMP compute_error
reduction_good:
  LD FIELD(CONVOLVE.LAST)
  AND eight
  JNZ closes
  LDI 4
  JMP opened
closes:
  LD FIELD(CONVOLVE.PARAMETER_FIRST)
  ADD channels
  JC parameters_bad
  ST word
  LD REG(PARAMETER_DEPTH)
  SUB word
  JC parameters_good
parameters_bad:
  LDI 8
  JMP compute_error
parameters_good:
  LDI 0
opened:
  ST next_open
  ; the largest sum
  LD first
  JZ ceiling_done
  LD FIELD(CONVOLVE.SUM_BITS) + 1
  AND mask3
  SHL4
  ST word
  LD FIELD(CONVOLVE.SUM_BITS)
  HIGH
  SHR4
  OR word
  ST word
  SUB eight
  JN sum_bits_bad
  LDI 32
  SUB word
  JN sum_bits_bad
  ST left
  LDI -1
  ST low
  LD top_sum
  ST high
ceiling_next:
  LD left
  JZ ceiling_there
  SUB one
  ST left
  LD low
  SHR
  ST low
  LD high
  AND one
  JZ ceiling_no_carry
  LD low
  OR bit15
  ST low
ceiling_no_carry:
  LD high
  SHR
  ST high
  JMP ceiling_next
sum_bits_bad:
  LDI 5
  JMP compute_error
ceiling_there:
  LD low
  OUT 18
  LD high
  OUT 19
ceiling_done:
  LD next_open
  ST open
  ; columns in use
  LD channels
  CALL ones
  ST mode
  LD FIELD(CONVOLVE.LOG_WEIGHTS)
  AND bits_of_logs        ; bits 7, 6: log weights, log activations
  SHL
  SHL
  OR mode
  OUT 17
  LD FIELD(CONVOLVE.COLUMN_STEP)
  OUT 10
  LD FIELD(CONVOLVE.ROW_ELEMENTS)
  OUT 11
  LD FIELD(CONVOLVE.RING_FIRST)
  ST tile_place
  LD FIELD(CONVOLVE.Y_FIRST)
  ST tile_y
kernel_row:
  LD FIELD(CONVOLVE.RUNS)
  HIGH
  ST runs_left
  LD FIELD(CONVOLVE.U_FIRST)
  ST run_u
a_run:
  LD run_u
  ST tile_u
  LD FIELD(CONVOLVE.CHUNKS)
  ST chunks_left
tile:
  CALL wait_quiet
  CALL poll
  LD reset_wanted
  JNZ boot
  CALL take_weights
  LD chunks_left
  SUB one
  JZ tile_last_chunk
  LD REG(ROWS)
  JMP tile_rows
tile_last_chunk:
  LD used_rows
tile_rows:
  CALL ones
  LD first
  OUT 15
  LD word
  OUT 14
  LD tile_place
  ST ring
  LD tile_y
  ST y
  LD FIELD(CONVOLVE.RING_ROW_STEP)
  ST step
  LD FIELD(CONVOLVE.Y_STEP)
  LOW
  ST word
  LD FIELD(CONVOLVE.ROWS)
  ST rows_left
tile_row:
  LD tile_u
  OUT 8
  LD FIELD(CONVOLVE.RING_BASE)
  ADD ring
  SHL4
  ADD tile_u
  OUT 9
  LD y
  SUB FIELD(CONVOLVE.HEIGHT)
  LDI 0
  JC row_missing
  LDI 1
row_missing:
  OUT 12
  LD FIELD(CONVOLVE.COLUMNS)
  OUT 13
  CALL ring_step
  LD y
  ADD word
  ST y
  DEC rows_left
  JNZ tile_row
  LDI 0
  ST first
  INC REG(COUNT_TILES)
  LD REG(COUNT_TILES) + 1
  ADC zero
  ST REG(COUNT_TILES) + 1
  LD REG(COUNT_POSITIONS)
  ADD positions
  ST REG(COUNT_POSITIONS)
  LD REG(COUNT_POSITIONS) + 1
  ADC zero
  ST REG(COUNT_POSITIONS) + 1
  LD tile_u
  ADD REG(ROWS)
  ST tile_u
  DEC chunks_left
  JNZ tile
  LD run_u
  ADD FIELD(CONVOLVE.TAP_STEP)
  ST run_u
  DEC runs_left
  JNZ a_run
  LD tile_place
  ST ring
  LD FIELD(CONVOLVE.RING_TAP_STEP)
  ST step
  CALL ring_step
  LD ring
  ST tile_place
  LD FIELD(CONVOLVE.TAP_Y_STEP)
  HIGH
  ADD tile_y
  ST tile_y
  DEC kernel_rows_left
  JNZ kernel_row
  CALL wait_quiet
  LD FIELD(CONVOLVE.LAST)
  AND eight
  JZ command_done

  ; drain
  LDI 0
  ST sum_place
  LD FIELD(CONVOLVE.OUTPUT_ADDRESS)
  ST place
drain_position:
  LD place
  ST output
  LD sum_place
  ST element
  LD channels
  ST left
  LD FIELD(CONVOLVE.PARAMETER_FIRST)
  SHL
  SHL
  SHL
  OR space_parameters
  ST parameter
drain_channel:
  LD element
  OR space_sums_low
  ST pointer
  LDX pointer
  ST low
  LD element
  OR space_sums_high
  ST pointer
  LDX pointer
  ST high
  LDX parameter          ; bias
  ST word
  INC parameter
  LDX parameter
  ST value
  LD low
  ADD word
  OUT 3
  LD high
  ADC value
  OUT 4
  ST scaled
  ; bits 47..32: signs of both and the carry
  LDI 0
  ADC zero
  ST word
  LD high
  JN high_negative
  JMP high_signed
high_negative:
  DEC word
high_signed:
  LD value
  JN bias_negative
  JMP bias_signed
bias_negative:
  DEC word
bias_signed:
  LD word
  OUT 5
  INC parameter
  LD word
  JN negative_factor
  LDX parameter
  OUT 6
  INC parameter
  JMP shift
negative_factor:
  INC parameter
  LDX parameter
  OUT 6
shift:
  INC parameter
  LDX parameter
  AND mask6
  OUT 7
  LD parameter
  ADD four
  ST parameter
  LD FIELD(CONVOLVE.FLOOR)
  AND sixteen
  JNZ drain_floor
  IN 4
  ST value
  IN 5
  ADD value
  JMP drain_result
drain_floor:
  IN 4
drain_result:
  CALL result
  INC element
  DEC left
  JNZ drain_channel
  LD sum_place
  ADD REG(COLUMNS)
  ST sum_place
  LD place
  ADD FIELD(CONVOLVE.POSITION_PITCH)
  ST place
  DEC positions
  JNZ drain_position
  JMP command_done

; The weights of a tile into the array, and their rows of the product table. Waits for them as long as
; the watchdog allows.
take_weights:
  LD weights_count
  JZ starve
  CALL read_load
  LD REG(ROWS)
  ST array_row
  LD fill_start
  ST place
weight_row:
  LD weight_rows
  JZ next_load
  LD REG(COLUMNS)
  ST elements_left
  CALL row_bytes
  LD byte_pointer
  ST low
  CALL check_range
  JNZ read_error_others
weight_column:
  CALL operand
  ST value
  LOW
  STX place
  INC place
  DEC elements_left
  JZ weight_end
  LD value
  OUT 16
  JMP weight_column
weight_end:
  LD value
  OR bit15
  OUT 16
  DEC weight_rows
  DEC array_row
  JNZ weight_row
  ; what is left of the load
  LD weight_rows
  JZ load_used
  LD weights_head
  CALL queue_entry
  LD byte_pointer
  STX queue_place
  INC queue_place
  LD weight_rows
  STX queue_place
fill:
  LD REG(PE_KIND)
  SUB lut
  JNZ filled
  LD fill_start
  SUB place
  ST left                ; minus the number of weights
  LD fill_start
  ST place
fill_next:
  CALL wait_quiet
  LDX place
  OUT 22
  INC place
  INC left
  JNZ fill_next
  CALL wait_quiet
filled:
  RET
load_used:
  CALL drop_load
  JMP fill
next_load:               ; a tile in two loads
  CALL drop_load
  LD weights_count
  JZ starve
  CALL read_load
  JMP weight_row
read_load:
  LD weights_head
  CALL queue_entry
  LDX queue_place
  ST byte_pointer
  INC queue_place
  LDX queue_place
  ST weight_rows
  INC queue_place
  LDX queue_place
  ST format
  RET
drop_load:
  LD weights_head
  ADD one
  AND seven
  ST weights_head
  DEC weights_count
  RET
starve:
  LD REG(WATCHDOG)
  ST patience_low
  LD REG(WATCHDOG) + 1
  ST patience_high
  OR patience_low
  ST bytes               ; 0: for ever
starving:
  CALL poll
  LD reset_wanted
  JNZ boot
  LD bytes
  JZ starving
  LD patience_low
  SUB cycles_of_wait
  ST patience_low
  JC starving
  DEC patience_high
  JC starving
  LDI 8                  ; the compute unit was at work
  ST REG(ERROR_DETAIL)
  LDI 5                  ; ERROR.WATCHDOG
  JMP error

; ------------------------------------------------------------------ MAXIMUM
maximum:
  CALL geometry
  LD FIELD(MAXIMUM.CHANNELS)
  JZ size_bad
  LD FIELD(MAXIMUM.WINDOW_ROWS)
  LOW
  JZ size_bad
  ST window_rows
  LD FIELD(MAXIMUM.WINDOW_COLUMNS)
  HIGH
  JZ size_bad
  ST window_columns
  LD FIELD(MAXIMUM.RING_FIRST)
  ST tile_place
  LD FIELD(MAXIMUM.Y_FIRST)
  ST tile_y
  LD FIELD(MAXIMUM.OUTPUT_ADDRESS)
  ST place
  LD FIELD(MAXIMUM.ROWS)
  ST rows_left
maximum_row:
  CALL poll
  LD reset_wanted
  JNZ boot
  LD FIELD(MAXIMUM.COLUMNS)
  ST columns_left
  LD FIELD(MAXIMUM.U_FIRST)
  ST column_u
maximum_column:
  LD place
  ST output
  LDI 0
  ST channel
maximum_channel:
  LD minus_256
  ST best
  LD window_rows
  ST tap_rows_left
  LD tile_place
  ST ring
  LD tile_y
  ST y
tap_row:
  LD y
  SUB FIELD(MAXIMUM.HEIGHT)
  JC tap_row_end
  LD window_columns
  ST tap_columns_left
  LD column_u
  ST tap_u
  LD FIELD(MAXIMUM.RING_BASE)
  ADD ring
  SHL4
  ADD channel
  ST row_place
tap:
  LD tap_u
  SUB FIELD(MAXIMUM.ROW_ELEMENTS)
  JC tap_end
  LD row_place
  ADD tap_u
  AND activation_mask
  OR space_activations
  ST pointer
  LDX pointer
  ST word
  AND bit8
  JZ tap_positive
  LD word
  LOW
  ST word
  LDI 0
  SUB word
  ST word
tap_positive:
  LD word
  SUB best
  JN tap_end
  LD word
  ST best
tap_end:
  LD tap_u
  ADD FIELD(MAXIMUM.TAP_STEP)
  ST tap_u
  DEC tap_columns_left
  JNZ tap
tap_row_end:
  LD FIELD(MAXIMUM.RING_TAP_STEP)
  ST step
  CALL ring_step
  INC y
  DEC tap_rows_left
  JNZ tap_row
  LD best
  CALL result
  INC channel
  SUB FIELD(MAXIMUM.CHANNELS)
  JNZ maximum_channel
  LD place
  ADD FIELD(MAXIMUM.POSITION_PITCH)
  ST place
  LD column_u
  ADD FIELD(MAXIMUM.COLUMN_STEP)
  ST column_u
  DEC columns_left
  JNZ maximum_column
  LD tile_place
  ST ring
  LD FIELD(MAXIMUM.RING_ROW_STEP)
  ST step
  CALL ring_step
  LD ring
  ST tile_place
  LD FIELD(MAXIMUM.Y_STEP)
  LOW
  ADD tile_y
  ST tile_y
  DEC rows_left
  JNZ maximum_row
  JMP command_done

; ------------------------------------------------------------------ more constants
.var next_open
.const zero 0
.const seven 7
.const nine 9
.const not63 0xffc0
.const c512 512
.const bits_of_bound 0x7fc0
.const bits_of_logs 0x00c0
.const r_scratch REG(SCRATCH)
.const r_watchdog REG(WATCHDOG)
.const r_enable REG(INTERRUPT_ENABLE)
.const r_interrupt REG(INTERRUPT_STATUS)
.const r_control REG(CONTROL)
.const r_base REG(COMMAND_BASE)
.const r_count REG(COMMAND_COUNT)
.const r_table REG(TABLE_ADDRESS)
