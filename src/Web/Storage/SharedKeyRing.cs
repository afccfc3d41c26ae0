using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace HallOps.Web.Storage;

/// <summary>The keys of cookies and tokens of sign-in, in the data folder and shared from there.</summary>
internal sealed class SharedKeyRing(FileSystemXmlRepository folder, SharedFiles shared) : IXmlRepository
{
    // Read at the start, once a day and, early on, where a key is not known: another server may have made it.
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        shared.TakeMissingAsync(folder.Directory.FullName, CancellationToken.None).GetAwaiter().GetResult();
        return folder.GetAllElements();
    }

    // A new key every three months, on a thread that waits for it anyway.
    public void StoreElement(XElement element, string friendlyName)
    {
        folder.StoreElement(element, friendlyName);
        foreach (var path in Directory.EnumerateFiles(folder.Directory.FullName, "*.xml").Where(p => Path.GetFileNameWithoutExtension(p) == friendlyName))
            shared.GiveAsync(path, CancellationToken.None).GetAwaiter().GetResult();
    }
}
