using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary>A file that a command reads.</summary>
internal static class InputFile
{
    /// <summary>To be read from its beginning.</summary>
    public static Stream Open(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"{file} cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }

    public static byte[] Read(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"{file} cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }
}
