package dev.vmctl.api;

/**
 * An image file of this host.
 *
 * @param format qcow2, raw, vmdk, vdi or vhdx
 * @param virtualSizeBytes size of the disk it holds
 * @param fileBytes length of the file
 */
public record ImageFile(String path, String format, long virtualSizeBytes, long fileBytes) {}
