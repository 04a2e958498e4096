namespace Darter.Transport.Tests;

/// <summary>Files as they are sent to peers on other machines.</summary>
public sealed class FileSendingTests() : FileOutputTests(copies: false);
