namespace HallOps.Web.Storage;

/// <summary>The start cannot go on; the message is the one line that says why and what to do.</summary>
public sealed class StartRefusedException : Exception
{
    public StartRefusedException() { }
    public StartRefusedException(string message) : base(message) { }
    public StartRefusedException(string message, Exception inner) : base(message, inner) { }
}
