using Darter.CPython;
using Darter.Gateway.Native;

namespace Darter.Gateway.Asgi;

/// <summary>A part of a body that waits for the front's window: bytes, or a region of a file.</summary>
internal sealed class ResponsePart
{
    /// <summary>The bytes object, if it is bytes.</summary>
    public HeldReference Bytes;

    /// <summary>Where in the bytes object, or in the file, the part begins.</summary>
    public long Offset;

    /// <summary>How many bytes it has.</summary>
    public long Length;

    /// <summary>The file, -1 for bytes. It is ours to close.</summary>
    public int Descriptor = -1;

    /// <summary>Gives it up.</summary>
    public void Drop()
    {
        Bytes.Clear();
        if (Descriptor >= 0)
        {
            _ = LibC.close(Descriptor);
            Descriptor = -1;
        }
    }
}
