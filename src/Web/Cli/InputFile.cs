using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary>A file that a command reads whole.</summary>
internal static class InputFile
{
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
