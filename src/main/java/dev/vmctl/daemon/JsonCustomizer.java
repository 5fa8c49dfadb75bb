package dev.vmctl.daemon;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.json.Json;
import io.quarkus.jackson.ObjectMapperCustomizer;
import jakarta.inject.Singleton;

/** Has Quarkus write our values as everybody else here does. */
@Singleton
class JsonCustomizer implements ObjectMapperCustomizer {
  @Override
  public void customize(ObjectMapper mapper) {
    Json.configure(mapper);
  }
}
