package dev.vmctl.daemon;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.vmctl.Version;
import dev.vmctl.api.http.HttpApi;
import dev.vmctl.api.http.Problem;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/** Turns whatever goes wrong with a request into a {@link Problem}. */
final class ProblemMappers {
  private static final Logger LOG = Logger.getLogger(ProblemMappers.class);

  @ServerExceptionMapper
  RestResponse<Problem> refused(VmException failure) {
    return response(Problem.of(failure));
  }

  /** Named one by one: Quarkus has a mapper for the second, which says nothing of what is wrong. */
  @ServerExceptionMapper({JsonMappingException.class, MismatchedInputException.class})
  RestResponse<Problem> unreadable(JsonMappingException failure) {
    return response(unreadableBody(failure));
  }

  @ServerExceptionMapper
  RestResponse<Problem> refusedByHttp(WebApplicationException failure, UriInfo uri) {
    if (failure.getCause() instanceof JacksonException json) {
      return response(unreadableBody(json));
    }
    Response.StatusType status = failure.getResponse().getStatusInfo();
    return response(
        new Problem(
            "about:blank",
            status.getReasonPhrase(),
            status.getStatusCode(),
            "this daemon cannot answer " + uri.getPath() + ": " + status.getReasonPhrase(),
            ErrorCode.USAGE.text(),
            "is the client of the daemon's version, " + Version.CURRENT + "?"));
  }

  @ServerExceptionMapper
  RestResponse<Problem> unforeseen(Throwable failure) {
    String id = UUID.randomUUID().toString();
    LOG.errorf(failure, "a request failed, error %s", id);
    return response(
        Problem.of(
            new VmException(
                ErrorCode.INTERNAL,
                "the daemon failed: " + failure,
                "this is a bug; the daemon's log has the trace at error " + id)));
  }

  private static Problem unreadableBody(JacksonException failure) {
    VmException known = known(failure);
    return Problem.of(
        known != null
            ? known
            : new VmException(
                ErrorCode.USAGE,
                "the request's body is not the JSON expected here: " + failure.getOriginalMessage(),
                "is the client of the daemon's version, " + Version.CURRENT + "?"));
  }

  /** Our own values check themselves while Jackson makes them. */
  private static @Nullable VmException known(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof VmException known) {
        return known;
      }
    }
    return null;
  }

  private static RestResponse<Problem> response(Problem problem) {
    return RestResponse.ResponseBuilder.<Problem>create(problem.status())
        .entity(problem)
        .type(HttpApi.PROBLEM_TYPE)
        .build();
  }
}
