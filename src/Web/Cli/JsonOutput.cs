using System.Text.Encodings.Web;
using System.Text.Json;

namespace HallOps.Web.Cli;

/// <summary>The one JSON document that a command writes to standard output, which holds nothing else.</summary>
internal static class JsonOutput
{
    /// <param name="readable">Set out line by line.</param>
    /// <param name="write">Gets the writer, and what to call now and then so that a long document is passed on while it is written.</param>
    public static void Print(bool readable, Action<Utf8JsonWriter, Action> write)
    {
        using var output = Console.OpenStandardOutput();
        using var buffered = new BufferedStream(output, 1 << 16);
        // Names of services are shown as they are written; nothing of it goes into a page.
        using var json = new Utf8JsonWriter(buffered, new JsonWriterOptions { Indented = readable, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        write(json, json.Flush);
        json.Flush();
        buffered.Write("\n"u8);
    }
}
