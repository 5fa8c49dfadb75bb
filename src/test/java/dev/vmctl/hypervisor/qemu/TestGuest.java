package dev.vmctl.hypervisor.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/** Guests of one boot sector, which are up a quarter of a second after power-on. */
enum TestGuest {
  /** Writes R to its serial port, then does nothing and hears nothing. */
  STUBBORN("fb f4 eb fd"), // sti; hlt; jmp back

  /** Writes R again and again. */
  TALKS("ee ebfd"), // out dx, al; jmp back

  /** Writes R, then switches itself off by ACPI. */
  POWERS_OFF("ba0406 b80020 ef f4"), // mov dx, 0x604; mov ax, sleep enable; out dx, ax; hlt

  /** Writes R, then waits for the power button and switches itself off. */
  HEARS_BUTTON(
      "ba0206 b80001 ef" // enable the power button: mov dx, 0x602; mov ax, 0x100; out dx, ax
          + "fb f4" // sti; hlt             until the next clock tick
          + "ba0006 ed f6c401 74f6" // mov dx, 0x600; in ax, dx; test ah, 1; jz back to hlt
          + "ba0406 b80020 ef f4"); // as above

  private static final String WRITE_R = "baf803 b052 ee"; // mov dx, 0x3f8; mov al, 'R'; out dx, al

  private final byte[] code;

  TestGuest(String code) {
    this.code = HexFormat.of().parseHex((WRITE_R + code).replace(" ", ""));
  }

  /** Writes its disk, qcow2. */
  Path writeDisk(Path directory) throws IOException, InterruptedException {
    byte[] bytes = Arrays.copyOf(code, 1 << 20);
    bytes[510] = 0x55;
    bytes[511] = (byte) 0xaa;
    Path raw = Files.write(directory.resolve("disk.raw"), bytes);
    Path disk = directory.resolve("overlay.qcow2");
    int exit =
        new ProcessBuilder(
                "qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw.toString(), disk.toString())
            .inheritIO()
            .start()
            .waitFor();
    if (exit != 0) {
      throw new IOException("qemu-img ended with " + exit);
    }
    return disk;
  }
}
