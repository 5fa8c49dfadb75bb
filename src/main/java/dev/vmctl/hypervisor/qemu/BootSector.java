package dev.vmctl.hypervisor.qemu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A boot sector that proves that an accelerator can run a guest: it goes from real mode to 64-bit
 * mode, as every kernel does, and ends QEMU through its debug exit device.
 *
 * <p>An accelerator that only pretends to work hangs or dies on the way.
 */
final class BootSector {
  /** Where the firmware loads it. */
  private static final int ORIGIN = 0x7c00;

  private static final int SIZE = 512;

  /** The firmware reads no disk that has not at least one cylinder. */
  private static final int DISK_SIZE = 1 << 20;

  private static final int EXIT_PORT = 0xf4;
  private static final int EXIT_VALUE = 0x10;

  /** The device that ends QEMU, as a {@code -device} value. */
  static final String EXIT_DEVICE = "isa-debug-exit,iobase=0xf4,iosize=0x04";

  /** QEMU's exit code when the proof succeeds: the device makes it from the value written. */
  static final int PROVEN_EXIT_CODE = EXIT_VALUE << 1 | 1;

  private final ByteBuffer code = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);

  private BootSector() {}

  /** A disk that is empty but for its first 512 bytes. */
  static byte[] disk() {
    return Arrays.copyOf(bytes(), DISK_SIZE);
  }

  /** The 512 bytes. */
  static byte[] bytes() {
    BootSector sector = new BootSector();
    sector.clearSegments();
    sector.buildPageTables();
    sector.enterLongMode();
    sector.exit();
    sector.code.putShort(SIZE - 2, (short) 0xaa55); // what makes it bootable
    return sector.code.array();
  }

  private void clearSegments() {
    put(0xfa); // cli               no interrupt table: none may come
    put(0xfc); // cld               string instructions go upwards
    put(0x31, 0xc0); // xor ax, ax
    put(0x8e, 0xd8); // mov ds, ax
    put(0x8e, 0xc0); // mov es, ax
    put(0x8e, 0xd0); // mov ss, ax
  }

  /** Maps the first 2 MiB to themselves: PML4 at 0x1000, PDPT at 0x2000, PD at 0x3000. */
  private void buildPageTables() {
    put(0xbf).putShort((short) 0x1000); // mov di, 0x1000
    put(0xb9).putShort((short) 0x1800); // mov cx, 0x1800    words in three pages
    put(0xf3, 0xab); // rep stosw         all zero
    storeWord(0x1000, 0x2003); // PML4[0] = PDPT, present, writable
    storeWord(0x2000, 0x3003); // PDPT[0] = PD, present, writable
    storeWord(0x3000, 0x0083); // PD[0] = address 0, present, writable, one 2 MiB page
  }

  private void enterLongMode() {
    put(0x66, 0xb8).putInt(0x20); // mov eax, 0x20     physical address extension
    put(0x0f, 0x22, 0xe0); // mov cr4, eax
    put(0x66, 0xb8).putInt(0x1000); // mov eax, 0x1000   the PML4
    put(0x0f, 0x22, 0xd8); // mov cr3, eax
    put(0x66, 0xb9).putInt(0xc0000080); // mov ecx, EFER
    put(0x0f, 0x32); // rdmsr
    put(0x66, 0x0d).putInt(0x100); // or eax, 0x100     long mode enable
    put(0x0f, 0x30); // wrmsr
    put(0x0f, 0x20, 0xc0); // mov eax, cr0
    put(0x66, 0x0d).putInt(0x80000001); // or eax, …         paging and protection
    put(0x0f, 0x22, 0xc0); // mov cr0, eax      long mode is active
    int table = ORIGIN + 0x100;
    put(0x0f, 0x01, 0x16).putShort((short) table); // lgdt [table]
    int next = ORIGIN + code.position() + 5;
    put(0xea).putShort((short) next).putShort((short) 0x08); // jmp 0x08:next     64-bit code
    putDescriptors(table);
  }

  /** Limit and address of the descriptors, then those: none, and one for 64-bit code. */
  private void putDescriptors(int table) {
    int offset = table - ORIGIN;
    int descriptors = offset + 8;
    code.putShort(offset, (short) 15);
    code.putInt(offset + 2, ORIGIN + descriptors);
    code.putLong(descriptors, 0);
    // Present, ring 0, code, readable (0x9a); long (0x20).
    code.putLong(descriptors + 8, 0x0020_9a00_0000_0000L);
  }

  private void exit() {
    put(0x66, 0xba).putShort((short) EXIT_PORT); // mov dx, 0xf4
    put(0xb0, EXIT_VALUE); // mov al, 0x10
    put(0xee); // out dx, al        QEMU ends here
    put(0xf4); // hlt               or the proof times out
    put(0xeb, 0xfd); // jmp back to hlt
  }

  private void storeWord(int address, int value) {
    put(0xc7, 0x06).putShort((short) address).putShort((short) value); // mov word [address], value
  }

  private ByteBuffer put(int... bytes) {
    for (int one : bytes) {
      code.put((byte) one);
    }
    return code;
  }
}
