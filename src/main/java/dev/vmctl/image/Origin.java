package dev.vmctl.image;

import dev.vmctl.model.VmException;
import java.util.Map;
import java.util.Optional;

/** Where the bytes of an image are had over the network. */
interface Origin {
  /** For messages. */
  ImageUrl url();

  /**
   * Asks for it.
   *
   * @param headers to send beside what it takes to be let in
   * @throws VmException when the server cannot be asked
   */
  HttpAnswer get(Map<String, String> headers);

  /** The digest of its content, where its address is that: it can never change. */
  Optional<String> digest();

  /** A URL of the web, as it is. */
  static Origin of(ImageUrl address, Http http) {
    return new Origin() {
      @Override
      public ImageUrl url() {
        return address;
      }

      @Override
      public HttpAnswer get(Map<String, String> headers) {
        return http.get(address, headers);
      }

      @Override
      public Optional<String> digest() {
        return Optional.empty();
      }
    };
  }
}
