package dev.vmctl.it;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * A guest of one sector, up as soon as its firmware is: it says "up" on its serial port, sleeps
 * until its power button is pressed and then powers itself off. For what concerns vmctl and QEMU,
 * and nothing inside the guest.
 */
record TinyGuest(Path image) {
  private static final int DISK_BYTES = 1 << 20;
  private static final int SIGNATURE_AT = 510;

  /** 16-bit code. The ports are those of the power management of QEMU's PC machines. */
  private static final String CODE =
      """
      ba f8 03       mov dx, 0x3f8     ; COM1
      b0 75          mov al, 'u'
      ee             out dx, al
      b0 70          mov al, 'p'
      ee             out dx, al
      b0 0a          mov al, 10
      ee             out dx, al
      fb             sti
      ba 02 06       mov dx, 0x602     ; PM1_EN
      b8 00 01       mov ax, 0x100     ; the power button
      ef             out dx, ax
      f4             hlt               ; until the next tick of the timer
      ba 00 06       mov dx, 0x600     ; PM1_STS
      ed             in ax, dx
      f6 c4 01       test ah, 1        ; the power button
      74 f6          jz hlt
      ba 04 06       mov dx, 0x604     ; PM1_CNT
      b8 00 20       mov ax, 0x2000    ; sleep in S5
      ef             out dx, ax
      eb ed          jmp hlt
      """;

  static TinyGuest in(Path directory) throws IOException {
    ByteBuffer disk = ByteBuffer.allocate(DISK_BYTES);
    CODE.lines()
        .map(line -> line.substring(0, 15).replace(" ", ""))
        .forEach(bytes -> disk.put(HexFormat.of().parseHex(bytes)));
    disk.put(SIGNATURE_AT, (byte) 0x55).put(SIGNATURE_AT + 1, (byte) 0xaa);
    return new TinyGuest(Files.write(directory.resolve("tiny.raw"), disk.array()));
  }

  /**
   * A VM of a VMFile that boots this guest.
   *
   * @param more further nodes
   */
  String vm(String name, String... more) {
    return "vm \"%s\" {\n  image \"%s\"\n  memory 16\n  network \"none\"\n  %s\n}\n"
        .formatted(name, image, String.join("\n  ", more));
  }
}
