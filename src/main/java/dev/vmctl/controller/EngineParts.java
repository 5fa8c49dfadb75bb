package dev.vmctl.controller;

import dev.vmctl.disk.Disks;
import dev.vmctl.guest.Guests;
import dev.vmctl.host.HostRoom;
import dev.vmctl.hypervisor.HypervisorRouter;
import dev.vmctl.image.Images;
import dev.vmctl.source.Source;
import dev.vmctl.store.DataDirectory;
import dev.vmctl.store.EventJournal;
import dev.vmctl.store.VmStore;
import dev.vmctl.workqueue.Timeline;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Everything an engine stands on.
 *
 * @param runDirectory where new VMs have their sockets
 * @param bootId the host's present boot
 * @param room what the host has left
 * @param directories the source that reads a directory, or a VMFile
 */
public record EngineParts(
    Timeline timeline,
    RandomGenerator random,
    DataDirectory data,
    Path runDirectory,
    String bootId,
    VmStore store,
    EventJournal journal,
    HypervisorRouter hypervisors,
    Images images,
    Disks disks,
    Guests guests,
    HostRoom room,
    Function<Path, Source> directories,
    Observer observer) {}
