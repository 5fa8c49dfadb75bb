package dev.vmctl.daemon;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.transport.Transport;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.ThreadFactory;

/**
 * Unix sockets for Vert.x where Netty has no native code, as on FreeBSD and illumos: the JDK's own,
 * which Netty knows and Vert.x does not ask it for. Found as a service; all but those sockets is
 * the transport that Vert.x has for such hosts.
 */
public final class PlainTransport implements Transport {
  private static final Transport PLAIN = JDKTransport.INSTANCE;

  @Override
  public boolean isAvailable() {
    return !Epoll.isAvailable();
  }

  @Override
  public boolean supportsDomainSockets() {
    return true;
  }

  @Override
  public java.net.SocketAddress convert(SocketAddress address) {
    return address.isDomainSocket()
        ? UnixDomainSocketAddress.of(address.path())
        : PLAIN.convert(address);
  }

  @Override
  public SocketAddress convert(java.net.SocketAddress address) {
    return address instanceof UnixDomainSocketAddress unix
        ? SocketAddress.domainSocketAddress(unix.getPath().toString())
        : PLAIN.convert(address);
  }

  @Override
  public EventLoopGroup eventLoopGroup(int type, int threads, ThreadFactory factory, int ioRatio) {
    return PLAIN.eventLoopGroup(type, threads, factory, ioRatio);
  }

  @Override
  public DatagramChannel datagramChannel() {
    return PLAIN.datagramChannel();
  }

  @Override
  public DatagramChannel datagramChannel(InternetProtocolFamily family) {
    return PLAIN.datagramChannel(family);
  }

  /** A unix socket has none of the options of TCP. */
  @Override
  public void configure(NetServerOptions options, boolean unix, ServerBootstrap bootstrap) {
    if (!unix) {
      PLAIN.configure(options, false, bootstrap);
    } else if (options.getAcceptBacklog() > 0) {
      bootstrap.option(ChannelOption.SO_BACKLOG, options.getAcceptBacklog());
    }
  }

  @Override
  public ChannelFactory<? extends Channel> channelFactory(boolean unix) {
    return unix ? NioDomainSocketChannel::new : PLAIN.channelFactory(false);
  }

  @Override
  public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean unix) {
    return unix ? NioServerDomainSocketChannel::new : PLAIN.serverChannelFactory(false);
  }
}
