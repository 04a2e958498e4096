using Darter.CPython;
using Darter.CPython.Native;
using Darter.Wire;

namespace Darter.Gateway.Asgi;

/// <summary>What the operator is told.</summary>
internal sealed unsafe partial class AsgiServer
{
    private bool _loggedDroppedField;
    private bool _loggedTooLong;

    /// <summary>Reports what the application did wrong: an exception that left it, or a text.</summary>
    public void Report(AsgiExchange exchange, BorrowedReference exception, string text, bool isDisconnected = false)
    {
        using NewReference message = PythonText.FromUtf8(System.Text.Encoding.UTF8.GetBytes(text));
        nint none = PyApi.None;
        nint* arguments = stackalloc nint[]
        {
            0,
            exchange.Scope.IsNull ? none : exchange.Scope.Pointer,
            exception.IsNull ? none : exception.Pointer,
            message.Pointer,
            isDisconnected ? PyApi.True : PyApi.False,
        };
        using NewReference nothing = message.IsNull ? default : PythonCall.Invoke(Settings.Report, arguments + 1, 4);
        if (nothing.IsNull)
        {
            PythonError.WriteUnraisable(Settings.Report);
        }
    }

    /// <summary>Says once that fields were dropped.</summary>
    public void LogDroppedField() => LogOnce(
        ref _loggedDroppedField,
        "the application sets header fields that belong to the connection (Connection, Transfer-Encoding, ...); they are dropped");

    /// <summary>Says once that the application sends more than it announced.</summary>
    public void LogTooLong() => LogOnce(ref _loggedTooLong, "the application sends more than its Content-Length says; the rest is dropped");

    private void LogOnce(ref bool logged, string text)
    {
        if (!logged)
        {
            logged = true;
            Channel.Log(WorkerLogLevel.Warning, text);
        }
    }
}
