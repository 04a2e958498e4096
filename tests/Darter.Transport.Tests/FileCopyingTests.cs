namespace Darter.Transport.Tests;

/// <summary>Files for peers on this machine, as they are sent there.</summary>
public sealed class FileCopyingTests() : FileOutputTests(copies: true);
