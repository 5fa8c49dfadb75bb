/**
 * VMFiles: from text to declared VMs.
 *
 * <p>{@link dev.vmctl.vmfile.VmFileReader} reads a file and binds its nodes to the field
 * descriptors of {@link dev.vmctl.model.VmFields}; what can be written is known there and nowhere
 * else, so a new field needs no line here. All that is wrong with a file is found in one go, each
 * finding with its place, a stable {@link dev.vmctl.vmfile.VmFileCode} and the text to type; {@link
 * dev.vmctl.vmfile.DiagnosticRenderer} shows it. A file with an error declares nothing: half of
 * what somebody wrote is not what they meant.
 *
 * <p>How it is built: {@code SteadyFile} reads bytes that stood still; {@code VmFileDecoder} walks
 * the nodes along the {@code Schema}; {@code ScalarDecoder}, {@code NetworkDecoder} and {@code
 * ProvisionDecoder} know the kinds of value; {@code VmRules} holds what goes together. {@code
 * Findings} collects.
 */
@NullMarked
package dev.vmctl.vmfile;

import org.jspecify.annotations.NullMarked;
